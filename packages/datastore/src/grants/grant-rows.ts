// SPDX-License-Identifier: Apache-2.0
import type { Evidence, Grant, GrantKind, TaskId } from "@mayfly/tasks";
import { type Selectable, sql } from "kysely";
import type { Connection } from "../sqlite/connection.ts";
import { OperationError } from "../sqlite/failure.ts";
import type { Schema } from "../sqlite/schema.ts";
import type { WriteTransaction } from "../sqlite/write-transaction.ts";

type GrantRow = Selectable<Schema["grants"]>;

export function toGrant(row: Omit<GrantRow, "row_id">): Grant {
  return {
    id: row.id,
    taskId: row.task_id as TaskId,
    kind: row.kind as GrantKind,
    guard: row.guard,
    ref: row.ref,
    notAfter: new Date(row.not_after),
    renewable: row.renewable === 1,
    state: row.state as Grant["state"],
    ...(row.evidence !== null && { evidence: toEvidence(row.evidence) }),
    ...(row.problem !== null && { problem: row.problem }),
    revision: row.revision,
  };
}

/** Evidence as it is stored: JSON. */
function toEvidence(json: string): Evidence {
  const evidence = JSON.parse(json) as Omit<Evidence, "at"> & { at: string };
  return { ...evidence, at: new Date(evidence.at) };
}

/** Of these tasks, in the order in which they were opened. */
export function findGrantsOf(db: Connection, taskIds: readonly string[]): readonly Grant[] {
  const query = db.build
    .selectFrom("grants")
    .selectAll()
    .where("task_id", "in", sql<string>`(select value from json_each(${JSON.stringify(taskIds)}))`)
    .orderBy("row_id");
  return db.all(query).map(toGrant);
}

/** Stores a grant that is new. */
export function insertGrant({ db }: WriteTransaction, grant: Grant): void {
  const columns = {
    id: grant.id,
    task_id: grant.taskId,
    kind: grant.kind,
    guard: grant.guard,
    ref: grant.ref,
    not_after: grant.notAfter.getTime(),
    renewable: Number(grant.renewable),
    state: grant.state,
    evidence: null,
    problem: null,
    revision: grant.revision,
  };
  db.run(db.build.insertInto("grants").values(columns));
}

/** Stores what can change of grants, in one statement. */
export function writeGrants({ db }: WriteTransaction, grants: readonly Grant[]): void {
  if (grants.length === 0) return;
  const rows = grants.map(({ id, state, notAfter, evidence, problem, revision }) => ({
    id,
    state,
    notAfter: notAfter.getTime(),
    evidence: evidence === undefined ? null : JSON.stringify(evidence),
    problem,
    revision,
  }));
  const query = sql`update grants set state = new.value ->> 'state', not_after = new.value ->> 'notAfter',
    evidence = new.value ->> 'evidence', problem = new.value ->> 'problem', revision = new.value ->> 'revision'
    from json_each(${JSON.stringify(rows)}) as new where grants.id = new.value ->> 'id'`;
  if (db.run(db.raw(query)) !== rows.length) throw new OperationError("STORE_FAILED", "a grant that was read is gone");
}
