// SPDX-License-Identifier: Apache-2.0
import type { AuthorityRecord, KeyStore } from "../ports.ts";
import type { SigningLogger } from "../signing-logger.ts";

function canStillSign({ slot, revoked }: AuthorityRecord): boolean {
  return slot !== "retired" && !revoked;
}

/** Deletes the keys that a change took out of use. What fails here is only a file too many. */
export async function deleteUnusedKeys(
  { keys, logger }: { readonly keys: KeyStore; readonly logger: SigningLogger },
  before: readonly AuthorityRecord[],
  after: readonly AuthorityRecord[],
): Promise<void> {
  const kept = new Set(after.filter(canStillSign).map(({ keyRef }) => keyRef));
  for (const { keyRef } of before.filter((each) => canStillSign(each) && !kept.has(each.keyRef))) {
    try {
      await keys.delete(keyRef);
    } catch (error) {
      logger.warn("authority_key_not_deleted", { name: keyRef, reason: (error as Error).message });
    }
  }
}
