// SPDX-License-Identifier: Apache-2.0
import type { Lease, LeaseState, UnmanagedAccount } from "@mayfly/tasks";
import { sql } from "kysely";
import type { Connection } from "../sqlite/connection.ts";
import { findLease, selectLeases, toLease } from "./lease-rows.ts";

export function get(db: Connection, id: string): Lease | undefined {
  return findLease(db, id);
}

interface Filter {
  readonly taskId?: string | undefined;
  readonly guard?: string | undefined;
  readonly states?: readonly LeaseState[] | undefined;
}

export function list(db: Connection, { taskId, guard, states }: Filter): readonly Lease[] {
  let query = selectLeases(db);
  if (taskId !== undefined) query = query.where("grants.task_id", "=", taskId);
  if (guard !== undefined) query = query.where("grants.guard", "=", guard);
  // Lets the index of what is not gone be used; the rest is judged by the lease.
  if (states?.includes("gone") === false) query = query.where("grants.state", "<>", sql.lit("gone"));
  const leases = db.all(query).map(toLease);
  return states === undefined ? leases : leases.filter(({ state }) => states.includes(state));
}

export function unmanaged(db: Connection, _all: null): readonly UnmanagedAccount[] {
  const query = db.build.selectFrom("unmanaged_accounts").selectAll().orderBy("target").orderBy("account");
  return db.all(query).map((row) => ({
    target: row.target,
    account: row.account,
    ...(row.last_activity !== null && { lastActivityAt: new Date(row.last_activity) }),
    canLogIn: row.can_login === 1,
    isLegacy: row.legacy === 1,
    firstSeenAt: new Date(row.first_seen),
    lastSeenAt: new Date(row.last_seen),
  }));
}
