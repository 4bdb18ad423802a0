// SPDX-License-Identifier: Apache-2.0
import { createHash, createHmac, pbkdf2 } from "node:crypto";
import { promisify } from "node:util";
import type { Secret } from "./secret.ts";

const derive = promisify(pbkdf2);

/** What a password becomes with one salt (RFC 5802 §3, with SHA-256). */
export interface ScramKeys {
  /** Proves the password to a server that has the salt: as secret as the password. */
  readonly clientKey: Buffer;
  readonly serverKey: Buffer;
}

/** The keys for this salt; those of the salt that was used last are remembered with the secret, and wiped with it. */
export async function scramKeys(secret: Secret, salt: Buffer, iterations: number): Promise<ScramKeys> {
  const name = `${iterations}:${salt.toString("base64")}`;
  const known = secret.recall(name);
  if (known !== undefined) return known;
  const salted = await derive(secret.reveal(), salt, iterations, 32, "sha256");
  const keys = { clientKey: hmac(salted, "Client Key"), serverKey: hmac(salted, "Server Key") };
  salted.fill(0);
  secret.remember(name, keys);
  return keys;
}

export function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

export function sha256(bytes: Buffer): Buffer {
  return createHash("sha256").update(bytes).digest();
}
