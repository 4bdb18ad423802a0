// SPDX-License-Identifier: Apache-2.0
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from "node:crypto";
import { KeyStoreError } from "../errors.ts";

// A key file: "MFKF" · version u8 (2) · which key-encryption key, 8 bytes · salt, 16 bytes · nonce, 12 bytes · PKCS#8 under AES-256-GCM ·
// tag, 16 bytes. The data key is the file's own: HKDF-SHA-256 of the key-encryption key, the salt and the name of the key. What is
// authenticated: everything before the nonce, and the name. Version 1 has no salt; its data key is the key-encryption key itself.

const magic = Buffer.from("MFKF", "latin1");
const version = 2;
const saltBytes = 16;
const idBytes = 8;
const nonceBytes = 12;
const tagBytes = 16;
const idAt = magic.length + 1;
const saltAt = idAt + idBytes;
/** A P-256 key takes some 200 bytes. */
export const maxKeyFileBytes = 4096;

/** Tells key-encryption keys apart without telling anything about them. */
function keyId(kek: Uint8Array): Buffer {
  return createHmac("sha256", kek).update("mayfly key-encryption key id").digest().subarray(0, idBytes);
}

function dataKey(kek: Uint8Array, salt: Uint8Array, name: string): Uint8Array {
  if (salt.length === 0) return kek;
  return new Uint8Array(hkdfSync("sha256", kek, salt, `mayfly key file 2 ${name}`, 32));
}

function associatedData(head: Uint8Array, name: string): Buffer {
  return Buffer.concat([head, Buffer.from(name)]);
}

/** Encrypts a private key (PKCS#8, DER) under `kek` (32 bytes) for the file of the key `name`. */
export function sealKey(name: string, pkcs8: Uint8Array, kek: Uint8Array): Uint8Array {
  const salt = randomBytes(saltBytes);
  const head = Buffer.concat([magic, Buffer.of(version), keyId(kek), salt]);
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", dataKey(kek, salt, name), nonce);
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
  const isOurs = bytes.subarray(0, magic.length).equals(magic);
  const written = bytes[magic.length];
  const headBytes = written === version ? saltAt + saltBytes : saltAt;
  const tooShort = bytes.length < headBytes + nonceBytes + tagBytes + 1;
  if (!isOurs || (written !== 1 && written !== version) || tooShort || bytes.length > maxKeyFileBytes) {
    throw new KeyStoreError("KEY_FILE_CORRUPT", `${what} is not one of this version`);
  }
  const head = bytes.subarray(0, headBytes);
  if (!timingSafeEqual(head.subarray(idAt, saltAt), keyId(kek))) {
    throw new KeyStoreError("KEY_ENCRYPTION_KEY_WRONG", `${what} was encrypted under another key-encryption key`);
  }
  const nonce = bytes.subarray(headBytes, headBytes + nonceBytes);
  const decipher = createDecipheriv("aes-256-gcm", dataKey(kek, head.subarray(saltAt), name), nonce);
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
