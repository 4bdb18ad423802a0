// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { KeyStoreError } from "../errors.ts";
import { createPrivateFile } from "./private-file.ts";

/** The environment variable that may hold the key-encryption key. */
export const keyEncryptionKeyVariable = "MAYFLY_KEY_ENCRYPTION_KEY";

const keyBytes = 32;
const maxFileBytes = 256;

/**
 * The key-encryption key of 32 bytes from a file that nobody else may read (raw, hex or base64), else from the variable
 * `MAYFLY_KEY_ENCRYPTION_KEY` of `environment` (hex or base64); undefined when neither is given.
 * @throws {KeyStoreError} KEY_ENCRYPTION_KEY_INVALID
 */
export async function readKeyEncryptionKey(options: {
  readonly file?: string | undefined;
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
}): Promise<Uint8Array | undefined> {
  if (options.file !== undefined) return readKeyFile(options.file);
  const text = (options.environment ?? process.env)[keyEncryptionKeyVariable];
  if (text === undefined || text === "") return undefined;
  return decodeKey(text) ?? refuse(`${keyEncryptionKeyVariable} must hold 32 bytes as hex or base64`);
}

/** Reads the key-encryption key from `file`; makes it there (32 random bytes, mode 0600) when the file is missing. @throws as `readKeyEncryptionKey` */
export async function readOrCreateKeyEncryptionKey(file: string): Promise<Uint8Array> {
  await createPrivateFile(file, randomBytes(keyBytes));
  return readKeyFile(file);
}

async function readKeyFile(file: string): Promise<Uint8Array> {
  let handle;
  try {
    handle = await open(file, constants.O_RDONLY);
  } catch (cause) {
    throw new KeyStoreError("KEY_ENCRYPTION_KEY_INVALID", `${file} can't be read`, { cause });
  }
  try {
    const { mode, size, uid } = await handle.stat();
    if (!isPrivate(mode, uid)) refuse(`${file} must be root's or this user's, and nobody else may read it`);
    if (size > maxFileBytes) refuse(`${file} is too large for a key`);
    const bytes = await handle.readFile();
    if (bytes.length === keyBytes) return bytes;
    return decodeKey(bytes.toString("latin1")) ?? refuse(`${file} must hold 32 bytes, raw or as hex or base64`);
  } finally {
    await handle.close();
  }
}

/** Service managers hand secrets over as files of root that one group (or access list, which looks the same) may read. */
function isPrivate(mode: number, uid: number): boolean {
  if (uid !== 0 && uid !== process.getuid?.()) return false;
  return (mode & (uid === 0 ? 0o037 : 0o077)) === 0;
}

function decodeKey(text: string): Uint8Array | undefined {
  const trimmed = text.trim();
  if (/^[0-9a-f]{64}$/i.test(trimmed)) return Buffer.from(trimmed, "hex");
  return /^[A-Za-z0-9+/]{43}=?$/.test(trimmed) ? Buffer.from(trimmed, "base64") : undefined;
}

function refuse(message: string): never {
  throw new KeyStoreError("KEY_ENCRYPTION_KEY_INVALID", message);
}
