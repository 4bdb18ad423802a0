// SPDX-License-Identifier: Apache-2.0
import { chmodSync, existsSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { openDatastore, type StoreError } from "../src/index.ts";
import { openSqlite } from "../src/sqlite/open.ts";
import { Folder } from "./folder.ts";

const trustDomain = "example.org";

async function codeOf(action: Promise<AsyncDisposable>): Promise<string> {
  try {
    await (await action)[Symbol.asyncDispose]();
    return "opened";
  } catch (error) {
    return (error as StoreError).code;
  }
}

describe("opening a datastore", () => {
  it("has synchronous=FULL and the other settings at every open (DBS-D01)", () => {
    using folder = new Folder();
    const wanted = {
      journal_mode: "wal",
      synchronous: 2,
      foreign_keys: 1,
      trusted_schema: 0,
      cell_size_check: 1,
      secure_delete: 1,
    };
    for (let round = 0; round < 3; round++) {
      const db = openSqlite(folder.file());
      const actual = Object.keys(wanted).map((name): [string, unknown] => [name, db.pragma(name, { simple: true })]);
      expect(Object.fromEntries(actual)).toEqual(wanted);
      db.exec("UPDATE revision SET n = n + 1");
      db.close();
    }
  });

  it("keeps what was written over a close and an open", async () => {
    using folder = new Folder();
    const file = folder.file();
    for (let round = 0; round < 3; round++) {
      await using store = await openDatastore({ file, trustDomain });
      expect(await store.issuanceLog.append("a", Uint8Array.of(round), 1)).toBe(round);
      expect(await store.feed.revision()).toBe(round);
      await store.bundles.set({
        trustDomain,
        x509Authorities: [],
        jwtAuthorities: [],
        refreshHint: 0,
        sequenceNumber: 0n,
      });
    }
  });

  it("makes all its files for their owner only, whatever the umask (FSP-D01)", async () => {
    using folder = new Folder();
    const before = process.umask(0);
    try {
      await using store = await openDatastore({ file: folder.file(), trustDomain });
      await store.issuanceLog.append("a", Uint8Array.of(1), 1);
      const modes = readdirSync(folder.path).map((name) => [name, statSync(folder.file(name)).mode & 0o777]);
      expect(modes).toEqual([
        ["datastore.db", 0o600],
        ["datastore.db-wal", 0o600],
      ]);
    } finally {
      process.umask(before);
    }
  });

  it("refuses a file that others can read, and one behind a link", async () => {
    using folder = new Folder();
    await (await openDatastore({ file: folder.file(), trustDomain }))[Symbol.asyncDispose]();
    symlinkSync(folder.file(), folder.file("link.db"));
    expect(await codeOf(openDatastore({ file: folder.file("link.db"), trustDomain }))).toBe("STORE_UNAVAILABLE");
    chmodSync(folder.file(), 0o640);
    expect(await codeOf(openDatastore({ file: folder.file(), trustDomain }))).toBe("STORE_PERMISSIONS");
  });

  it("takes a name that looks like a URI for a name", async () => {
    using folder = new Folder();
    const before = process.cwd();
    process.chdir(folder.path);
    try {
      expect(await codeOf(openDatastore({ file: "file:x.db?mode=memory", trustDomain }))).toBe("opened");
      expect(readdirSync(folder.path)).toEqual(["file:x.db?mode=memory"]);
    } finally {
      process.chdir(before);
    }
  });

  it("refuses a file in a folder that is not there", async () => {
    using folder = new Folder();
    expect(await codeOf(openDatastore({ file: folder.file("no/where.db"), trustDomain }))).toBe("STORE_UNAVAILABLE");
    expect(existsSync(folder.file("no"))).toBe(false);
  });

  it("refuses a file that another store has open, and takes it once that one is closed", async () => {
    using folder = new Folder();
    const first = await openDatastore({ file: folder.file(), trustDomain });
    expect(await codeOf(openDatastore({ file: folder.file(), trustDomain }))).toBe("STORE_IN_USE");
    await first.issuanceLog.append("a", Uint8Array.of(1), 1);
    await first[Symbol.asyncDispose]();
    expect(await codeOf(openDatastore({ file: folder.file(), trustDomain }))).toBe("opened");
  });

  it("refuses a file that is no database, and one with zeros in its middle", async () => {
    using folder = new Folder();
    const [text, damaged] = [folder.file("text"), folder.file("damaged")];
    writeFileSync(text, "this is no database at all, only text ".repeat(99), { mode: 0o600 });
    await writeDamaged(damaged);
    for (const file of [text, damaged]) {
      expect(await codeOf(openDatastore({ file, trustDomain }))).toBe("STORE_CORRUPT");
    }
  });

  it("refuses a newer schema and leaves the file as it is", async () => {
    using folder = new Folder();
    await (await openDatastore({ file: folder.file(), trustDomain }))[Symbol.asyncDispose]();
    const db = new Database(folder.file());
    db.pragma("user_version = 1000");
    db.close();
    const before = readFileSync(folder.file());
    expect(await codeOf(openDatastore({ file: folder.file(), trustDomain }))).toBe("STORE_SCHEMA_NEWER");
    expect(readFileSync(folder.file()).equals(before)).toBe(true);
  });

  it("gives up when the signal says so", async () => {
    using folder = new Folder();
    const reason = new Error("not wanted any more");
    const early = openDatastore({ file: folder.file(), trustDomain, signal: AbortSignal.abort(reason) });
    await expect(early).rejects.toBe(reason);
    expect(existsSync(folder.file())).toBe(false);
    const controller = new AbortController();
    const late = openDatastore({ file: folder.file(), trustDomain, signal: controller.signal });
    controller.abort(reason);
    await expect(late).rejects.toBe(reason);
    expect(await codeOf(openDatastore({ file: folder.file(), trustDomain }))).toBe("opened");
  });
});

async function writeDamaged(file: string): Promise<void> {
  {
    await using store = await openDatastore({ file, trustDomain });
    for (let n = 0; n < 50; n++) await store.issuanceLog.append("a", new Uint8Array(3000).fill(n), 1);
  }
  const bytes = readFileSync(file);
  bytes.fill(0, bytes.length >> 1, (bytes.length >> 1) + 40_000);
  writeFileSync(file, bytes);
}
