// SPDX-License-Identifier: Apache-2.0
import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { KeyStoreError } from "../errors.ts";

// A key file: "MFKF" · version u8 (1) · which key-encryption key, 8 bytes · nonce, 12 bytes · PKCS#8 under AES-256-GCM · tag, 16 bytes.
// What is authenticated with it: everything before the nonce, and the name of the key.

const magic = Buffer.from("MFKF\u0001", "latin1");
const idBytes = 8;
const nonceBytes = 12;
const tagBytes = 16;
const headBytes = magic.length + idBytes;
/** A P-256 key takes some 200 bytes. */
export const maxKeyFileBytes = 4096;

/** Tells key-encryption keys apart without telling anything about them. */
function keyId(kek: Uint8Array): Buffer {
  return createHmac("sha256", kek).update("mayfly key-encryption key id").digest().subarray(0, idBytes);
}

function associatedData(head: Uint8Array, name: string): Buffer {
  return Buffer.concat([head, Buffer.from(name)]);
}

/** Encrypts a private key (PKCS#8, DER) under `kek` (32 bytes) for the file of the key `name`. */
export function sealKey(name: string, pkcs8: Uint8Array, kek: Uint8Array): Uint8Array {
  const head = Buffer.concat([magic, keyId(kek)]);
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", kek, nonce);
  cipher.setAAD(associatedData(head, name));
  return Buffer.concat([head, nonce, cipher.update(pkcs8), cipher.final(), cipher.getAuthTag()]);
}

/**
 * The private key (PKCS#8, DER) of a file that `sealKey` wrote. The caller wipes it.
 * @throws {KeyStoreError} KEY_ENCRYPTION_KEY_WRONG, KEY_FILE_CORRUPT
 */
export function unsealKey(name: string, file: Uint8Array, kek: Uint8Array): Uint8Array {
  const what = `the key file ${JSON.stringify(name)}`;
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.length);
  const tooShort = bytes.length < headBytes + nonceBytes + tagBytes + 1;
  if (tooShort || bytes.length > maxKeyFileBytes || !bytes.subarray(0, magic.length).equals(magic)) {
    throw new KeyStoreError("KEY_FILE_CORRUPT", `${what} is not one of this version`);
  }
  const head = bytes.subarray(0, headBytes);
  if (!timingSafeEqual(head.subarray(magic.length), keyId(kek))) {
    throw new KeyStoreError("KEY_ENCRYPTION_KEY_WRONG", `${what} was encrypted under another key-encryption key`);
  }
  const decipher = createDecipheriv("aes-256-gcm", kek, bytes.subarray(headBytes, headBytes + nonceBytes));
  decipher.setAAD(associatedData(head, name));
  decipher.setAuthTag(bytes.subarray(-tagBytes));
  const opened = decipher.update(bytes.subarray(headBytes + nonceBytes, -tagBytes));
  try {
    decipher.final();
    return opened;
  } catch (cause) {
    opened.fill(0);
    throw new KeyStoreError("KEY_FILE_CORRUPT", `${what} was changed since it was written`, { cause });
  }
}
