// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { OperationError } from "./failure.ts";
import { migrate } from "./migrate.ts";
import { type Migration, migrations } from "./migrations.ts";

const second: Migration = { name: "second", sql: "CREATE TABLE second (x INTEGER) STRICT" };

function codeOf(action: () => void): string | undefined {
  try {
    action();
  } catch (error) {
    return error instanceof OperationError ? error.code : String(error);
  }
  return undefined;
}

function tables(db: Database.Database): unknown[] {
  return db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").pluck().all();
}

describe("migrate", () => {
  it("brings an empty database to the last version, and does nothing the second time", () => {
    const db = new Database(":memory:");
    migrate(db);
    const before = tables(db);
    migrate(db);
    expect(tables(db)).toEqual(before);
    expect(db.pragma("user_version", { simple: true })).toBe(migrations.length);
  });

  it("takes only the steps that are new", () => {
    const db = new Database(":memory:");
    migrate(db);
    migrate(db, [...migrations, second]);
    expect(tables(db)).toContain("second");
    expect(db.pragma("user_version", { simple: true })).toBe(migrations.length + 1);
  });

  it("leaves the version before when a step fails in its middle, and goes on from there", () => {
    const db = new Database(":memory:");
    const broken = { ...second, sql: `${second.sql}; INSERT INTO nowhere VALUES (1)` };
    expect(() => {
      migrate(db, [...migrations, broken]);
    }).toThrow();
    expect(tables(db)).not.toContain("second");
    expect(db.pragma("user_version", { simple: true })).toBe(migrations.length);
    migrate(db, [...migrations, second]);
    expect(tables(db)).toContain("second");
  });

  it("has released steps as they were released", () => {
    const digests = migrations.map(({ sql }) => createHash("sha256").update(sql).digest("hex").slice(0, 16));
    expect(digests.slice(0, 1)).toEqual(["553bd6f6379deddb"]);
  });

  it("refuses a newer schema (DBS-D11)", () => {
    const db = new Database(":memory:");
    migrate(db, [...migrations, second]);
    expect(codeOf(() => migrate(db))).toBe("STORE_SCHEMA_NEWER");
    expect(tables(db)).toContain("second");
  });

  it("refuses the database of another program", () => {
    const foreign = new Database(":memory:");
    foreign.exec("CREATE TABLE theirs (x)");
    expect(codeOf(() => migrate(foreign))).toBe("STORE_FOREIGN");
    const marked = new Database(":memory:");
    marked.pragma("application_id = 77");
    expect(codeOf(() => migrate(marked))).toBe("STORE_FOREIGN");
  });
});
