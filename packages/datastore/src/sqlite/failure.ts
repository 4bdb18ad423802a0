// SPDX-License-Identifier: Apache-2.0
import { TaskError, type TaskErrorCode } from "@mayfly/tasks";
import type { StoreErrorCode } from "../errors.ts";

/** A StoreError, or a TaskError of an operation on tasks, as it crosses from the worker to the main thread. */
export interface Failure {
  readonly code: StoreErrorCode | TaskErrorCode;
  readonly message: string;
}

/** Thrown inside the worker where the code is known already. */
export class OperationError extends Error implements Failure {
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

const byResultCode: readonly (readonly [prefix: string, code: StoreErrorCode, message: string])[] = [
  ["SQLITE_FULL", "STORE_FULL", "there is no room left for the database"],
  // After a failed fsync the kernel may have dropped the pages: trying again would acknowledge what is not there.
  ["SQLITE_IOERR_FSYNC", "STORE_BROKEN", "the database could not be brought to the disk"],
  ["SQLITE_IOERR_DIR_FSYNC", "STORE_BROKEN", "the database could not be brought to the disk"],
  ["SQLITE_IOERR_CORRUPTFS", "STORE_CORRUPT", "the database file is damaged"],
  ["SQLITE_IOERR", "STORE_UNAVAILABLE", "the database file could not be read or written"],
  ["SQLITE_CORRUPT", "STORE_CORRUPT", "the database file is damaged"],
  ["SQLITE_NOTADB", "STORE_CORRUPT", "the file is not a database"],
  ["SQLITE_BUSY", "STORE_IN_USE", "another process has the database open"],
  ["SQLITE_LOCKED", "STORE_IN_USE", "another process has the database open"],
  ["SQLITE_CANTOPEN", "STORE_UNAVAILABLE", "the database file could not be opened"],
  ["SQLITE_READONLY", "STORE_UNAVAILABLE", "the database file can't be written"],
  ["SQLITE_PERM", "STORE_PERMISSIONS", "the database file may not be used"],
  ["SQLITE_AUTH", "STORE_PERMISSIONS", "the database file may not be used"],
  ["SQLITE_NOMEM", "STORE_UNAVAILABLE", "there is not enough memory for the database"],
  ["SQLITE_CONSTRAINT", "STORE_CONFLICT", "the write contradicts what is stored"],
];

function resultCode(error: unknown): string | undefined {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" && code.startsWith("SQLITE_") ? code : undefined;
}

/** Names what went wrong in the worker by SQLite's extended result code. Texts of SQLite are kept out: they may quote values. */
export function toFailure(error: unknown): Failure {
  if (error instanceof OperationError || error instanceof TaskError)
    return { code: error.code, message: error.message };
  const sqlite = resultCode(error);
  if (sqlite === undefined) return { code: "STORE_FAILED", message: `the store failed: ${String(error)}` };
  for (const [prefix, code, message] of byResultCode) {
    if (sqlite.startsWith(prefix)) return { code, message: `${message} (${sqlite})` };
  }
  return { code: "STORE_FAILED", message: `the store failed (${sqlite})` };
}

/** Whether nothing may be read or written after this until someone acted. */
export function isFatal({ code }: Failure): boolean {
  return code === "STORE_BROKEN" || code === "STORE_CORRUPT";
}
