// SPDX-License-Identifier: Apache-2.0
import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createPrivateFile, readOrCreateKeyEncryptionKey, sealKey, unsealKey } from "@mayfly/ca";
import type { DataDir } from "../../data-dir.ts";

/** Name of the key inside its file: the file of another key is not taken for it. */
const name = "record";

/**
 * The Ed25519 key that signs checkpoints of the record: made once, in a file of mode 0600 that is encrypted as those of authorities are.
 * A record outlives authorities whose keys end with the process: then the encryption key is one in the data directory.
 * @throws {KeyStoreError} KEY_ENCRYPTION_KEY_WRONG, KEY_FILE_CORRUPT
 */
export async function openRecordKey(
  { recordKey: file, keyEncryptionKey }: DataDir,
  given: Uint8Array | undefined,
): Promise<KeyObject> {
  const encryptionKey = given ?? (await readOrCreateKeyEncryptionKey(keyEncryptionKey));
  const { privateKey } = generateKeyPairSync("ed25519");
  const made = Buffer.from(privateKey.export({ format: "der", type: "pkcs8" }));
  // Keeps what is there: a record has one key for good.
  await createPrivateFile(file, sealKey(name, made, encryptionKey));
  made.fill(0);
  const pkcs8 = Buffer.from(unsealKey(name, await readFile(file), encryptionKey));
  try {
    return createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" });
  } finally {
    pkcs8.fill(0);
  }
}
