// SPDX-License-Identifier: Apache-2.0
import { closeSync, openSync } from "node:fs";
import Database from "better-sqlite3";
import { expect, it } from "vitest";
import { openDatastore } from "../src/index.ts";
import { migrate } from "../src/sqlite/migrate.ts";
import { migrations } from "../src/sqlite/migrations.ts";
import { Folder } from "./folder.ts";
import { callRecord, openRecord, storeTask } from "./record-samples.ts";

it("a database from before tasks is taken on, with all that is in it", async () => {
  using folder = new Folder();
  closeSync(openSync(folder.file(), "w", 0o600));
  const before = new Database(folder.file());
  migrate(before, migrations.slice(0, 1));
  before.exec(`UPDATE revision SET n = 7;
    INSERT INTO join_tokens VALUES ('hash', 4000000000, NULL, 0, NULL, 0);
    INSERT INTO entries VALUES (1, 'e', 'spiffe://example.org/e', 'spiffe://example.org/a', 'x', 0, 0, 0, 0, 0, 0, 0, '', 1);
    INSERT INTO entry_selectors VALUES (1, 0, 'unix', 'uid:1');`);
  before.close();
  await using store = await openDatastore({ file: folder.file(), trustDomain: "example.org" });
  expect(await store.feed.revision()).toBe(7);
  expect(await store.entries.get("e")).toMatchObject({ selectors: [{ type: "unix", value: "uid:1" }] });
  expect((await store.joinTokens.consume("hash", "key", new Date())).outcome).toBe("consumed");
  expect((await storeTask(store)).revision).toBeGreaterThan(7);
  await using record = await openRecord(store);
  expect(await record.append(callRecord("a"))).toBe(0);
});
