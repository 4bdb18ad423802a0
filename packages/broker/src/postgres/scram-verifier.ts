// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from "node:crypto";
import { scramKeys, sha256 } from "./scram-keys.ts";
import type { Secret } from "./secret.ts";

const iterations = 4096; // RFC 7677 §4: the least; the secret has 256 bits of its own

/**
 * What PostgreSQL stores for a password (RFC 5802 §3, SCRAM-SHA-256). The server is told this and never the password: no log of statements
 * can hold it.
 */
export async function scramVerifier(secret: Secret, salt: Buffer = randomBytes(16)): Promise<string> {
  const { clientKey, serverKey } = await scramKeys(secret, salt, iterations);
  const storedKey = sha256(clientKey).toString("base64");
  return `SCRAM-SHA-256$${iterations}:${salt.toString("base64")}$${storedKey}:${serverKey.toString("base64")}`;
}
