// SPDX-License-Identifier: Apache-2.0
import type { Grant, Lease, LeaseMode, LeaseState } from "@mayfly/tasks";
import type { Selectable, SelectQueryBuilder } from "kysely";
import { toGrant } from "../grants/grant-rows.ts";
import type { Connection } from "../sqlite/connection.ts";
import type { Schema } from "../sqlite/schema.ts";

/** A lease and the grant that it is. */
export type LeaseRow = Selectable<Schema["leases"]> & Omit<Selectable<Schema["grants"]>, "row_id">;

/** Selects leases with their grants, oldest first; add conditions. */
export function selectLeases(db: Connection): SelectQueryBuilder<Schema, "leases" | "grants", LeaseRow> {
  return db.build
    .selectFrom("leases")
    .innerJoin("grants", "grants.id", "leases.id")
    .selectAll("leases")
    .select(["task_id", "kind", "guard", "ref", "not_after", "renewable"])
    .select(["state", "evidence", "problem", "revision"])
    .orderBy("grants.row_id");
}

export function toLease(row: LeaseRow): Lease {
  const grant = toGrant(row);
  return {
    id: row.id,
    taskId: grant.taskId,
    callId: row.call_id,
    target: row.target,
    mode: row.mode as LeaseMode,
    account: row.account,
    holder: row.holder,
    guard: grant.guard,
    createdAt: new Date(row.created_at),
    notAfter: grant.notAfter,
    state: leaseState(grant, row.issued === 1),
    evidence: grant.evidence,
    problem: grant.problem,
    revision: grant.revision,
  };
}

/** A lease by its id. */
export function findLease(db: Connection, id: string): Lease | undefined {
  const row = db.first(selectLeases(db).where("leases.id", "=", id));
  return row === undefined ? undefined : toLease(row);
}

function leaseState({ state, problem }: Grant, isIssued: boolean): LeaseState {
  if (state === "gone") return "gone";
  if (state === "ending") return problem === undefined ? "revoking" : "stuck";
  return isIssued ? "live" : "issuing";
}
