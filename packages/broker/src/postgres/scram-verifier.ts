// SPDX-License-Identifier: Apache-2.0
import { createHash, createHmac, pbkdf2, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import type { Secret } from "./secret.ts";

const derive = promisify(pbkdf2);
const iterations = 4096; // RFC 7677 §4: the least; the secret has 256 bits of its own

/**
 * What PostgreSQL stores for a password (RFC 5802 §3, SCRAM-SHA-256). The server is told this and never the password: no log of statements
 * can hold it.
 */
export async function scramVerifier(secret: Secret, salt: Buffer = randomBytes(16)): Promise<string> {
  const salted = await derive(secret.reveal(), salt, iterations, 32, "sha256");
  const mac = (label: string): Buffer => createHmac("sha256", salted).update(label).digest();
  const storedKey = createHash("sha256").update(mac("Client Key")).digest("base64");
  return `SCRAM-SHA-256$${iterations}:${salt.toString("base64")}$${storedKey}:${mac("Server Key").toString("base64")}`;
}
