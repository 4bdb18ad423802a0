// SPDX-License-Identifier: Apache-2.0
import type { Database } from "better-sqlite3";
import { expect, it } from "vitest";
import { operations } from "../operations.ts";
import { Connection } from "./connection.ts";
import { openSqlite } from "./open.ts";
import { WriteTransaction } from "./write-transaction.ts";

/** What SQLite says of how it runs each statement that an operation prepares. */
function plansOf(run: (db: Connection) => unknown): string[] {
  const db = openSqlite(":memory:");
  const texts: string[] = [];
  const watched = new Proxy(db, {
    get: (target, name) => {
      if (name !== "prepare") return Reflect.get(target, name) as unknown;
      return (text: string) => {
        texts.push(text);
        return target.prepare(text);
      };
    },
  });
  run(new Connection(watched));
  return texts.flatMap((text) => planOf(db, text));
}

function planOf(db: Database, text: string): string[] {
  const parameters = Array.from(text.matchAll(/\?/g), () => "[]");
  const rows = db.prepare(`EXPLAIN QUERY PLAN ${text}`).all(...parameters) as { detail: string }[];
  return rows.map(({ detail }) => detail);
}

const { read, write } = operations;
const now = new Date(0);
const task = "t-aaaaaaaaaaaaaaaa";
const states = ["active", "suspended"] as const;

// What is asked again and again, while what is over stays stored for ever.
it.each<[string, (db: Connection) => unknown, string]>([
  [
    "tasks that are due",
    (db) => read.tasks.list(db, { filter: { states, dueAt: now }, limit: 9, after: undefined }),
    "tasks_by_end",
  ],
  ["a subtree", (db) => read.tasks.subtree(db, task), "tasks_by_parent"],
  ["what tasks hold", (db) => read.grants.list(db, [task]), "grants_by_task"],
  ["what a guard holds", (db) => read.grants.listOf(db, "g"), "grants_by_guard"],
  ["leases of a broker", (db) => read.leases.list(db, { filter: { guard: "g", states: ["live"] } }), "grants_by_guard"],
  ["open calls", (db) => read.calls.openOf(db, "g"), "calls_open"],
  ["gateways with open calls", (db) => read.calls.openGuards(db, null), "calls_open"],
  ["calls of a subtree", (db) => read.budgets.spent(db, task), "calls_by_task"],
  ["approvals that are over", (db) => write.approvals.expire(new WriteTransaction(db), now), "approvals_open"],
  ["approvals of a task", (db) => read.approvals.list(db, { filter: { taskId: task } }), "approvals_by_task"],
  ["a record by its id", (db) => read.record.find(db, "r"), "record_entries_by_id"],
  [
    "tasks that ended long ago",
    (db) => write.tasks.prune(new WriteTransaction(db), { endedBefore: now, maxRows: 9 }),
    "tasks_ended",
  ],
  [
    "records of a task",
    (db) => read.record.ofTask(db, { taskId: task, from: 0, to: 9, limit: 9 }),
    "record_entries_by_task",
  ],
])("finds %s by an index", (_what, run, index) => {
  const plans = plansOf(run);
  expect(plans.filter((plan) => plan.includes(index))).not.toEqual([]);
  // What an index holds of a part of the rows alone may be read whole.
  const whole = plans.filter((plan) =>
    /^SCAN (?!json_each|new|below|above|calls USING (?:COVERING )?INDEX calls_open)/.test(plan),
  );
  expect(whole).toEqual([]);
});
