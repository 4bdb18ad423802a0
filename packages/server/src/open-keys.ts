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

/** Where the private keys of authorities live. */
export async function openKeys(
  kind: "disk" | "memory",
  { dataDir, file, logger }: { dataDir: DataDir; file: string | undefined; logger: Logger },
): Promise<KeyStore> {
  if (kind === "memory") return new MemoryKeyStore();
  let keyEncryptionKey = await readKeyEncryptionKey({ file });
  if (keyEncryptionKey === undefined) {
    logger.warn("encryption_key_beside_what_it_protects", {
      file: dataDir.keyEncryptionKey,
      hint: `set key_encryption_key_file or ${keyEncryptionKeyVariable}, so that a copy of the data directory is not enough to sign`,
    });
    keyEncryptionKey = await readOrCreateKeyEncryptionKey(dataDir.keyEncryptionKey);
  }
  return await DiskKeyStore.open({ folder: dataDir.keys, keyEncryptionKey });
}
