// SPDX-License-Identifier: Apache-2.0
import type { Approval, ApprovalRequest, ApprovalState, Vote } from "@mayfly/tasks";
import { type Selectable, sql } from "kysely";
import type { Connection } from "../sqlite/connection.ts";
import { OperationError } from "../sqlite/failure.ts";
import type { Schema } from "../sqlite/schema.ts";
import type { WriteTransaction } from "../sqlite/write-transaction.ts";

type ApprovalRow = Selectable<Schema["approvals"]>;
type Stored<Value, Instants extends keyof Value> = Omit<Value, Instants> & Readonly<Record<Instants, string>>;

export function toApproval(row: Omit<ApprovalRow, "row_id">): Approval {
  const request = JSON.parse(row.request) as Stored<ApprovalRequest, "requestedAt" | "notAfter">;
  const votes = JSON.parse(row.votes) as Stored<Vote, "at">[];
  return {
    request: { ...request, requestedAt: new Date(request.requestedAt), notAfter: new Date(request.notAfter) },
    argumentsJson: row.arguments,
    state: row.state as ApprovalState,
    votes: votes.map((vote) => ({ ...vote, at: new Date(vote.at) })),
    ...(row.consumed_by !== null && { consumedBy: row.consumed_by }),
    revision: row.revision,
  };
}

/** An approval by its id. */
export function findApproval(db: Connection, id: string): Approval | undefined {
  const row = db.first(db.build.selectFrom("approvals").selectAll().where("id", "=", id));
  return row === undefined ? undefined : toApproval(row);
}

/** Those of these tasks that are open, oldest first: what a change of the tasks makes void. */
export function findApprovalsOf(db: Connection, taskIds: readonly string[]): readonly Approval[] {
  const query = db.build
    .selectFrom("approvals")
    .selectAll()
    .where("task_id", "in", sql<string>`(select value from json_each(${JSON.stringify(taskIds)}))`)
    .where("state", "in", ["pending", "approved"])
    .orderBy("row_id");
  return db.all(query).map(toApproval);
}

/** Stores an approval that is new. */
export function insertApproval({ db }: WriteTransaction, approval: Approval): void {
  const { request } = approval;
  const columns = {
    id: request.id,
    task_id: request.taskId,
    nonce: request.nonce,
    not_after: request.notAfter.getTime(),
    request: JSON.stringify(request),
    arguments: approval.argumentsJson,
    state: approval.state,
    votes: JSON.stringify(approval.votes),
    consumed_by: null,
    revision: approval.revision,
  };
  db.run(db.build.insertInto("approvals").values(columns));
}

/** Stores what can change of approvals, in one statement. */
export function writeApprovals({ db }: WriteTransaction, approvals: readonly Approval[]): void {
  if (approvals.length === 0) return;
  const rows = approvals.map(({ request, state, votes, consumedBy, revision }) => ({
    id: request.id,
    state,
    votes,
    consumedBy,
    revision,
  }));
  const query = sql`update approvals set state = new.value ->> 'state', votes = new.value -> 'votes',
    consumed_by = new.value ->> 'consumedBy', revision = new.value ->> 'revision'
    from json_each(${JSON.stringify(rows)}) as new where approvals.id = new.value ->> 'id'`;
  if (db.run(db.raw(query)) !== rows.length) {
    throw new OperationError("STORE_FAILED", "an approval that was read is gone");
  }
}
