// SPDX-License-Identifier: Apache-2.0
import {
  DiskKeyStore,
  type KeyStore,
  keyEncryptionKeyVariable,
  MemoryKeyStore,
  readKeyEncryptionKey,
  readOrCreateKeyEncryptionKey,
} from "@mayfly/ca";
import type { Logger } from "@mayfly/telemetry";
import type { DataDir } from "./data-dir.ts";

/** Where private keys live. */
export interface Keys {
  /** Of authorities. */
  readonly store: KeyStore;
  /** What files of keys are encrypted under, 32 bytes; undefined = keys end with the process. */
  readonly encryptionKey: Uint8Array | undefined;
}

/** Opens the store of keys. @throws {KeyStoreError} */
export async function openKeys(
  kind: "disk" | "memory",
  { dataDir, file, logger }: { dataDir: DataDir; file: string | undefined; logger: Logger },
): Promise<Keys> {
  if (kind === "memory") return { store: new MemoryKeyStore(), encryptionKey: undefined };
  let keyEncryptionKey = await readKeyEncryptionKey({ file });
  if (keyEncryptionKey === undefined) {
    logger.warn("encryption_key_beside_what_it_protects", {
      file: dataDir.keyEncryptionKey,
      hint: `set key_encryption_key_file or ${keyEncryptionKeyVariable}, so that a copy of the data directory is not enough to sign`,
    });
    keyEncryptionKey = await readOrCreateKeyEncryptionKey(dataDir.keyEncryptionKey);
  }
  return {
    store: await DiskKeyStore.open({ folder: dataDir.keys, keyEncryptionKey }),
    encryptionKey: keyEncryptionKey,
  };
}
