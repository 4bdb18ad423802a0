// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { isFatal, OperationError, toFailure } from "./failure.ts";

function sqliteError(code: string): Error {
  return Object.assign(new Error("UNIQUE constraint failed: a secret value"), { code });
}

describe("toFailure", () => {
  it.each([
    ["SQLITE_FULL", "STORE_FULL"],
    ["SQLITE_IOERR_WRITE", "STORE_UNAVAILABLE"],
    ["SQLITE_IOERR_FSYNC", "STORE_BROKEN"],
    ["SQLITE_IOERR_DIR_FSYNC", "STORE_BROKEN"],
    ["SQLITE_IOERR_CORRUPTFS", "STORE_CORRUPT"],
    ["SQLITE_CORRUPT_INDEX", "STORE_CORRUPT"],
    ["SQLITE_NOTADB", "STORE_CORRUPT"],
    ["SQLITE_BUSY", "STORE_IN_USE"],
    ["SQLITE_READONLY_DIRECTORY", "STORE_UNAVAILABLE"],
    ["SQLITE_CONSTRAINT_UNIQUE", "STORE_CONFLICT"],
    ["SQLITE_ERROR", "STORE_FAILED"],
  ])("names %s %s and leaves out the text of SQLite", (sqlite, code) => {
    const failure = toFailure(sqliteError(sqlite));
    expect(failure.code).toBe(code);
    expect(failure.message).toContain(sqlite);
    expect(failure.message).not.toContain("secret");
  });

  it("keeps what the worker named itself", () => {
    const error = new OperationError("STORE_FOREIGN", "why");
    expect(toFailure(error)).toEqual({ code: "STORE_FOREIGN", message: "why" });
  });

  it("takes anything else for a mistake in the program", () => {
    expect(toFailure(new RangeError("too many")).code).toBe("STORE_FAILED");
    expect(toFailure(Object.assign(new Error("x"), { code: "ENOENT" })).code).toBe("STORE_FAILED");
    expect(toFailure("text").code).toBe("STORE_FAILED");
  });

  it("ends the store's work on a failed fsync and on damage only", () => {
    const fatal = ["SQLITE_IOERR_FSYNC", "SQLITE_CORRUPT", "SQLITE_NOTADB"];
    const passing = ["SQLITE_FULL", "SQLITE_IOERR_READ", "SQLITE_BUSY", "SQLITE_CONSTRAINT"];
    for (const code of fatal) expect(isFatal(toFailure(sqliteError(code)))).toBe(true);
    for (const code of passing) expect(isFatal(toFailure(sqliteError(code)))).toBe(false);
  });
});
