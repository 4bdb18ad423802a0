// SPDX-License-Identifier: Apache-2.0
import { type BeginLeaseOutcome, type Lease, type LeaseReport, type NewLease, TaskError } from "@mayfly/tasks";
import { sql } from "kysely";
import { findGrant, knownGrant, stepGrant } from "../grants/step-grant.ts";
import { insertGrant } from "../grants/grant-rows.ts";
import type { Connection } from "../sqlite/connection.ts";
import type { WriteTransaction } from "../sqlite/write-transaction.ts";
import { isAlive } from "../tasks/find-tasks.ts";
import { findLease } from "./lease-rows.ts";

const same = ["taskId", "callId", "target", "mode", "account", "holder", "guard"] as const;

export function begin(tx: WriteTransaction, lease: NewLease): BeginLeaseOutcome {
  const stored = findLease(tx.db, lease.id);
  if (stored !== undefined) {
    const isSame = same.every((name) => stored[name] === lease[name]);
    return isSame ? { outcome: "exists", lease: stored } : { outcome: "conflict" };
  }
  if (isTaken(tx.db, lease)) return { outcome: "conflict" };
  if (!isAlive(tx.db, lease.taskId, lease.createdAt.getTime())) return { outcome: "task-not-active" };
  if (!isCallOpen(tx.db, lease)) return { outcome: "call-not-open" };
  insert(tx, lease);
  return { outcome: "begun", lease: known(tx.db, lease.id) };
}

function isTaken(db: Connection, { id, target, account }: NewLease): boolean {
  const query = db.build.selectFrom("leases").select("id").where("target", "=", target).where("account", "=", account);
  return findGrant(db, id) !== undefined || db.first(query) !== undefined;
}

function isCallOpen(db: Connection, { callId, taskId }: NewLease): boolean {
  const query = db.build.selectFrom("calls").select("row_id").where("id", "=", callId).where("task_id", "=", taskId);
  return db.first(query.where("state", "=", "begun")) !== undefined;
}

// Renewable: a session outlives what its account may log in until, so time alone proves nothing.
function insert(tx: WriteTransaction, lease: NewLease): void {
  const { id, taskId, guard, notAfter, account, createdAt } = lease;
  const grant = { id, taskId, kind: "lease", guard, ref: account, notAfter, renewable: true, state: "live" } as const;
  insertGrant(tx, { ...grant, revision: tx.takeRevision() });
  const columns = {
    id,
    call_id: lease.callId,
    target: lease.target,
    mode: lease.mode,
    account,
    holder: lease.holder,
    created_at: createdAt.getTime(),
    issued: 0,
  };
  tx.db.run(tx.db.build.insertInto("leases").values(columns));
}

export function report(tx: WriteTransaction, { id, report: said }: { id: string; report: LeaseReport }): Lease {
  known(tx.db, id);
  switch (said.state) {
    case "live":
      tx.db.run(tx.db.build.updateTable("leases").set({ issued: 1 }).where("id", "=", id));
      break;
    case "revoking":
      stepGrant(tx, id, { event: "end" });
      break;
    case "stuck":
      if (knownGrant(tx.db, id).state === "live") stepGrant(tx, id, { event: "end" });
      stepGrant(tx, id, { event: "resist", problem: said.problem });
      break;
    default:
      stepGrant(tx, id, { event: "prove", evidence: said.evidence });
  }
  return known(tx.db, id);
}

function known(db: Connection, id: string): Lease {
  const lease = findLease(db, id);
  if (lease === undefined) throw new TaskError("GRANT_UNKNOWN", `no lease ${JSON.stringify(id)}`);
  return lease;
}

interface Unmanaged {
  readonly target: string;
  readonly accounts: readonly {
    readonly account: string;
    readonly lastActivityAt?: Date | undefined;
    readonly canLogIn: boolean;
    readonly isLegacy: boolean;
  }[];
  readonly at: Date;
}

/** What was seen before keeps the instant when it was seen first; what is not seen any more goes. */
export function reportUnmanaged({ db }: WriteTransaction, { target, accounts, at }: Unmanaged): void {
  const now = at.getTime();
  for (const { account, lastActivityAt, canLogIn, isLegacy } of accounts) {
    const seen = {
      last_activity: lastActivityAt?.getTime() ?? null,
      can_login: Number(canLogIn),
      legacy: Number(isLegacy),
      last_seen: now,
    };
    const insert = db.build.insertInto("unmanaged_accounts").values({ target, account, first_seen: now, ...seen });
    db.run(insert.onConflict((conflict) => conflict.columns(["target", "account"]).doUpdateSet(seen)));
  }
  const names = JSON.stringify(accounts.map(({ account }) => account));
  const gone = db.build
    .deleteFrom("unmanaged_accounts")
    .where("target", "=", target)
    .where("account", "not in", sql<string>`(select value from json_each(${names}))`);
  db.run(gone);
}
