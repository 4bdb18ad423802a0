// SPDX-License-Identifier: Apache-2.0
import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { resolve } from "node:path";
import Database from "better-sqlite3";
import { OperationError } from "./failure.ts";
import { migrate } from "./migrate.ts";

/** How long an open waits for a process that is just ending to let go of the file. */
const lockTimeoutMs = 2000;
/** Checking every page of a larger file would hold up the start. */
const maxCheckedBytes = 256 * 1024 * 1024;
/** Older ones can corrupt a WAL that is reset while another connection reads. */
const minLibrary = [3, 51, 3];

/** Names and values that SQLite has to read back, or the database is not used. */
const settings: readonly (readonly [name: string, set: string, expected: unknown])[] = [
  // One process owns the file: a second server would write behind the revision feed of the first.
  ["locking_mode", "EXCLUSIVE", "exclusive"],
  ["journal_mode", "WAL", "wal"],
  // @NOTE the library falls back to NORMAL in WAL mode at every open, which forgets the last commits on power loss.
  ["synchronous", "FULL", 2],
  ["foreign_keys", "ON", 1],
  ["trusted_schema", "OFF", 0],
  ["cell_size_check", "ON", 1],
  ["secure_delete", "ON", 1],
];

const inMemory: Readonly<Record<string, unknown>> = { journal_mode: "memory" };

function assertLibrary(): void {
  // @NOTE asked of another database: any SELECT on the file, before `locking_mode` is set, would make SQLite share its index of the WAL in
  // a file of its own, which a full disk has no room for.
  const db = new Database(":memory:");
  const version = String(db.prepare("SELECT sqlite_version()").pluck().get());
  db.close();
  const parts = version.split(".").map(Number);
  for (const [index, least] of minLibrary.entries()) {
    const part = parts[index] ?? 0;
    if (part > least) return;
    if (part < least) {
      throw new OperationError("STORE_LIBRARY", `SQLite is ${version}, older than ${minLibrary.join(".")}`);
    }
  }
}

/** Creates the file for its owner only, and refuses one that others can read. SQLite gives its side files the same mode. */
function claimFile(file: string): void {
  const fd = openFile(file);
  try {
    const { mode } = fstatSync(fd);
    if ((mode & 0o077) !== 0) {
      const shown = (mode & 0o777).toString(8);
      const text = `others can use the database file ${JSON.stringify(file)} (mode ${shown}): chmod 600 it`;
      throw new OperationError("STORE_PERMISSIONS", text);
    }
  } finally {
    closeSync(fd);
  }
}

function openFile(file: string): number {
  try {
    return openSync(file, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    const text = `the database file ${JSON.stringify(file)} could not be opened (${code})`;
    throw new OperationError(code === "EACCES" || code === "EPERM" ? "STORE_PERMISSIONS" : "STORE_UNAVAILABLE", text);
  }
}

function applySettings(db: Database.Database, isMemory: boolean): void {
  for (const [name, set, wanted] of settings) {
    db.pragma(`${name} = ${set}`);
    const actual: unknown = db.pragma(name, { simple: true });
    const expected = isMemory ? (inMemory[name] ?? wanted) : wanted;
    if (actual !== expected) {
      const text = `SQLite did not take ${name} = ${set}: it is ${JSON.stringify(actual)}`;
      throw new OperationError("STORE_SETTINGS", text);
    }
  }
}

function assertSound(db: Database.Database): void {
  const pages = Number(db.pragma("page_count", { simple: true }));
  const pageBytes = Number(db.pragma("page_size", { simple: true }));
  if (pages * pageBytes > maxCheckedBytes) return;
  const verdict: unknown = db.pragma("quick_check(1)", { simple: true });
  if (verdict !== "ok") throw new OperationError("STORE_CORRUPT", "the database file is damaged");
}

/** Opens, checks and migrates a database; `:memory:` is one without a file. @throws {OperationError} STORE_* */
export function openSqlite(path: string): Database.Database {
  const isMemory = path === ":memory:";
  // Absolute, so that SQLite does not take "file:…" for a URI with options.
  const file = isMemory ? path : resolve(path);
  assertLibrary();
  if (!isMemory) claimFile(file);
  const db = new Database(file, { timeout: lockTimeoutMs });
  try {
    applySettings(db, isMemory);
    assertSound(db);
    migrate(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}
