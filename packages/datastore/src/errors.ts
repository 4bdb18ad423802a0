// SPDX-License-Identifier: Apache-2.0
import { SpiffeError } from "@mayfly/spiffe";

/**
 * Why a store refused. Stable.
 *
 * Passing: `STORE_FULL` no room on the disk, nothing of the write was stored, it works again once there is room ·
 * `STORE_UNAVAILABLE` reading or writing the file failed, or too many requests wait.
 * For good, until someone acts: `STORE_BROKEN` an fsync failed, so that nobody knows what is on the disk: restart ·
 * `STORE_CORRUPT` the file is damaged or no database · `STORE_FAILED` a mistake in the program.
 * At open: `STORE_IN_USE` another process has it open · `STORE_SCHEMA_NEWER` written by a newer version · `STORE_FOREIGN` some other
 * program's database · `STORE_PERMISSIONS` others can read the file, or we can't · `STORE_SETTINGS` SQLite didn't take a setting that
 * we need, such as `synchronous=FULL` · `STORE_LIBRARY` SQLite is too old.
 * Callers: `STORE_CONFLICT` a constraint that the operation has no answer for · `STORE_CLOSED`.
 */
export type StoreErrorCode =
  | "STORE_FULL"
  | "STORE_UNAVAILABLE"
  | "STORE_BROKEN"
  | "STORE_CORRUPT"
  | "STORE_FAILED"
  | "STORE_IN_USE"
  | "STORE_SCHEMA_NEWER"
  | "STORE_FOREIGN"
  | "STORE_PERMISSIONS"
  | "STORE_SETTINGS"
  | "STORE_LIBRARY"
  | "STORE_CONFLICT"
  | "STORE_CLOSED";

/** A store could not do what was asked; `code` says why. A *no* that is a normal answer is a value instead. */
export class StoreError extends SpiffeError {
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Whether a code is one of the store's, and not of the domain whose rules an operation applied. */
export function isStoreErrorCode(code: string): code is StoreErrorCode {
  return code.startsWith("STORE_");
}
