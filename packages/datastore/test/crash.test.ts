// SPDX-License-Identifier: Apache-2.0
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { openDatastore } from "../src/index.ts";
import { crashedRound, rounds } from "./crashed-round.ts";
import { Folder } from "./folder.ts";

const writer = new URL("crash-writer.ts", import.meta.url);

async function indexOf(store: Awaited<ReturnType<typeof openDatastore>>): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const authority of await store.issuanceLog.authorities()) {
    const rows = await store.issuanceLog.read(authority, 0, 1e6);
    expect(rows.map(({ index }) => index)).toEqual(rows.map((_, n) => n));
    for (const { index, batch } of rows) found.set(`${authority} ${index}`, Buffer.from(batch).toString());
  }
  return found;
}

describe("a process killed while it commits", () => {
  it(`loses nothing that was acknowledged, ${rounds} times (DBS-D02)`, { timeout: rounds * 6_000 }, async () => {
    using folder = new Folder();
    const file = folder.file();
    const lines: string[] = [];
    for (let round = 0; round < rounds; round++) lines.push(...(await crashedRound(writer, file, round)));
    const facts = lines.map((line) => line.split(" "));
    const of = (kind: string): string[][] => facts.filter(([each]) => each === kind);
    expect(of("open")).toHaveLength(rounds);
    for (const kind of ["entry", "spent", "batch"]) expect(of(kind).length).toBeGreaterThan(rounds);
    {
      await using store = await openDatastore({ file, trustDomain: "example.org" });
      const { items } = await store.entries.list({}, { pageSize: 0 });
      const ids = new Set(items.map(({ id }) => id));
      expect(of("entry").filter(([, id = ""]) => !ids.has(id))).toEqual([]);
      // Each entry took one revision, acknowledged or not, and none was taken twice.
      expect(await store.feed.revision()).toBe(items.length);
      const revisions = of("entry").map(([, , revision]) => Number(revision));
      expect(new Set(revisions).size).toBe(revisions.length);
      expect(Math.max(...revisions)).toBeLessThanOrEqual(items.length);
      const batches = await indexOf(store);
      expect(of("batch").filter(([, authority, index, text]) => batches.get(`${authority} ${index}`) !== text)).toEqual(
        [],
      );
      const again = of("spent").map(async ([, hash = "", outcome]) => [
        outcome,
        (await store.joinTokens.consume(hash, "key", new Date())).outcome,
      ]);
      for (const outcomes of await Promise.all(again)) expect(outcomes).toEqual(["consumed", "unknown"]);
    }
    const db = new Database(file);
    expect(db.pragma("integrity_check", { simple: true })).toBe("ok");
    expect(db.pragma("foreign_key_check")).toEqual([]);
    db.close();
    console.log(
      `${rounds} kills, acknowledged: ${of("entry").length} entries, ${of("spent").length} tokens, ${of("batch").length} batches`,
    );
  });
});
