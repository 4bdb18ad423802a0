// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import type { StoreRequest, StoreResult } from "../thread/protocol.ts";
import { Connection } from "./connection.ts";
import { Executor } from "./executor.ts";
import { openSqlite } from "./open.ts";

const kib = 1024;

function append(id: number, bytes: number): StoreRequest {
  return {
    id,
    kind: "write",
    area: "issuance",
    name: "append",
    args: { authorityId: "a", batch: new Uint8Array(bytes), count: 1 },
  };
}

const readAll: StoreRequest = {
  id: 0,
  kind: "read",
  area: "issuance",
  name: "read",
  args: { authorityId: "a", fromIndex: 0, limit: 1e6 },
};

function code(result: StoreResult | undefined): string {
  if (result === undefined) return "none";
  return "failure" in result ? result.failure.code : "ok";
}

function setUp(collectMs = 60_000): { db: ReturnType<typeof openSqlite>; executor: Executor; rows: () => number } {
  const db = openSqlite(":memory:");
  const executor = new Executor(new Connection(db), { collectMs });
  const rows = (): number => {
    const result = executor.read(readAll);
    if ("failure" in result) throw new Error(result.failure.message);
    return (result.value as unknown[]).length;
  };
  return { db, executor, rows };
}

describe("Executor", () => {
  it("fails only the operation that finds no room, and goes on when there is room again", () => {
    const { db, executor, rows } = setUp();
    const pages = Number(db.pragma("page_count", { simple: true }));
    db.pragma(`max_page_count = ${pages + 8}`);
    const { results } = executor.write([append(1, kib), append(2, 100 * kib), append(3, kib)]);
    expect(results.map(code)).toEqual(["ok", "STORE_FULL", "ok"]);
    expect(rows()).toBe(2);
    db.pragma(`max_page_count = ${pages + 1000}`);
    expect(executor.write([append(4, 100 * kib)]).results.map(code)).toEqual(["ok"]);
    expect(rows()).toBe(3);
  });

  it("takes back what a failing operation wrote, with its revision, and nothing of the others", () => {
    const { executor } = setUp();
    const bundle = (id: number, refreshHint: unknown): StoreRequest => ({
      id,
      kind: "write",
      area: "bundles",
      name: "set",
      args: { trustDomain: `${id}.test`, x509Authorities: [], jwtAuthorities: [], refreshHint, sequenceNumber: 0n },
    });
    // The second fails after it took a revision: its refresh hint is no number.
    const { results, committed } = executor.write([bundle(1, 0), bundle(2, null), bundle(3, 0)]);
    expect(results.map(code)).toEqual(["ok", "STORE_CONFLICT", "ok"]);
    expect(committed.map(({ revision }) => revision)).toEqual([1, 2]);
  });

  it("fails a whole group when its commit fails, and reports nothing as committed", () => {
    const { db, executor, rows } = setUp();
    db.pragma("defer_foreign_keys = ON");
    db.exec("CREATE TABLE deferred (parent INTEGER REFERENCES entries (row_id) DEFERRABLE INITIALLY DEFERRED)");
    db.exec("CREATE TRIGGER break AFTER INSERT ON issuance_log BEGIN INSERT INTO deferred (parent) VALUES (404); END");
    const { results, committed } = executor.write([append(1, 1), append(2, 1)]);
    expect(results.map(code)).toEqual(["STORE_CONFLICT", "STORE_CONFLICT"]);
    expect(committed).toEqual([]);
    expect(db.inTransaction).toBe(false);
    db.exec("DROP TRIGGER break");
    expect(rows()).toBe(0);
    expect(executor.write([append(3, 1)]).results.map(code)).toEqual(["ok"]);
  });

  it("leaves to the next transaction what the time for collecting does not reach, and fails nothing of it", () => {
    const { db, executor, rows } = setUp(-1);
    const group = [append(1, 1), append(2, 1), append(3, 1)];
    expect(executor.write(group).results.map(({ id }) => id)).toEqual([1]);
    db.exec("CREATE TABLE deferred (parent INTEGER REFERENCES entries (row_id) DEFERRABLE INITIALLY DEFERRED)");
    db.exec("CREATE TRIGGER break AFTER INSERT ON issuance_log BEGIN INSERT INTO deferred (parent) VALUES (404); END");
    const { results } = executor.write(group.slice(1));
    expect(results.map((result) => [result.id, code(result)])).toEqual([[2, "STORE_CONFLICT"]]);
    expect(rows()).toBe(1);
  });

  it("refuses everything after damage was seen", () => {
    const { db, executor } = setUp();
    db.exec("DELETE FROM revision");
    const [read, next] = [1, 2].map((id) =>
      executor.read({ id, kind: "read", area: "feed", name: "revision", args: null }),
    );
    expect([code(read), code(next)]).toEqual(["STORE_CORRUPT", "STORE_CORRUPT"]);
    expect(executor.write([append(1, 1)]).results.map(code)).toEqual(["STORE_CORRUPT"]);
  });

  it.each([
    ["entries", "drop"],
    ["entries", "constructor"],
    ["constructor", "name"],
    ["__proto__", "toString"],
  ])("knows no operation %s.%s", (area, name) => {
    const { executor } = setUp();
    expect(code(executor.read({ id: 1, kind: "read", area, name, args: null }))).toBe("STORE_FAILED");
  });
});
