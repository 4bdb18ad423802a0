// SPDX-License-Identifier: Apache-2.0
import type { Lease, LeaseState, ListPage, UnmanagedAccount } from "@mayfly/tasks";
import { type RawBuilder, sql, type SqlBool } from "kysely";
import type { Connection } from "../sqlite/connection.ts";
import { findLease, selectLeases, toLease } from "./lease-rows.ts";

export function get(db: Connection, id: string): Lease | undefined {
  return findLease(db, id);
}

interface Query {
  readonly filter: {
    readonly taskId?: string | undefined;
    readonly guard?: string | undefined;
    readonly states?: readonly LeaseState[] | undefined;
  };
  readonly page?: ListPage | undefined;
}

/** As `toLease` tells them. */
const conditions: Readonly<Record<LeaseState, RawBuilder<SqlBool>>> = {
  issuing: sql<SqlBool>`grants.state = 'live' and leases.issued = 0`,
  live: sql<SqlBool>`grants.state = 'live' and leases.issued = 1`,
  revoking: sql<SqlBool>`grants.state = 'ending' and grants.problem is null`,
  stuck: sql<SqlBool>`grants.state = 'ending' and grants.problem is not null`,
  gone: sql<SqlBool>`grants.state = 'gone'`,
};

export function list(db: Connection, { filter: { taskId, guard, states }, page }: Query): readonly Lease[] {
  let query = selectLeases(db);
  if (taskId !== undefined) query = query.where("grants.task_id", "=", taskId);
  if (guard !== undefined) query = query.where("grants.guard", "=", guard);
  // Lets the index of what is not gone be used.
  if (states?.includes("gone") === false) query = query.where("grants.state", "<>", sql.lit("gone"));
  if (states !== undefined) query = query.where((build) => build.or(states.map((state) => conditions[state])));
  if (page !== undefined) query = query.limit(page.limit);
  if (page?.after !== undefined) {
    query = query.where("grants.row_id", ">", sql<number>`(select row_id from grants where id = ${page.after})`);
  }
  return db.all(query).map(toLease);
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
