// SPDX-License-Identifier: Apache-2.0
import type { ApprovalUse, BudgetCounter, CallClaim, TakeOutcome } from "@mayfly/tasks";
import { writeApprovals } from "../approvals/approval-rows.ts";
import type { Connection } from "../sqlite/connection.ts";
import { OperationError } from "../sqlite/failure.ts";
import type { WriteTransaction } from "../sqlite/write-transaction.ts";

/** All is asked before anything is written: nothing comes between. */
export function take(tx: WriteTransaction, claim: CallClaim): TakeOutcome {
  const { db } = tx;
  if (!isAsJudged(db, claim)) return { outcome: "task-changed" };
  const taken = db.first(db.build.selectFrom("calls").select("task_id").where("id", "=", claim.callId));
  if (taken !== undefined) {
    if (taken.task_id === claim.taskId) return { outcome: "taken", repeated: true };
    throw new OperationError("STORE_CONFLICT", "the call id is another task's");
  }
  const counter = claim.counters.find((each) => callsOf(db, each) >= each.maxCalls);
  if (counter !== undefined) return { outcome: "budget-spent", counter };
  if (claim.use !== undefined) {
    if (!isUsable(db, claim.use, claim.at)) return { outcome: "approval-changed" };
    writeApprovals(tx, [{ ...claim.use.approval, revision: tx.takeRevision() }]);
  }
  for (const each of claim.counters) advance(db, each);
  insertCall(db, claim);
  return { outcome: "taken", repeated: false };
}

function isAsJudged(db: Connection, { taskId, taskRevision, at }: CallClaim): boolean {
  const query = db.build
    .selectFrom("tasks")
    .select("row_id")
    .where("id", "=", taskId)
    .where("state", "=", "active")
    .where("not_after", ">", at.getTime())
    .where("revision", "=", taskRevision);
  return db.first(query) !== undefined;
}

function callsOf(db: Connection, { taskId, server, tool }: BudgetCounter): number {
  const query = db.build
    .selectFrom("budget_counters")
    .select("calls")
    .where("task_id", "=", taskId)
    .where("server", "=", server)
    .where("tool", "=", tool);
  return db.first(query)?.calls ?? 0;
}

// The condition holds by what was asked before; it stands in the statement too, for a counter that is named twice.
function advance(db: Connection, { taskId: task_id, server, tool, maxCalls }: BudgetCounter): void {
  const query = db.build
    .insertInto("budget_counters")
    .values({ task_id, server, tool, calls: 1 })
    .onConflict((conflict) =>
      conflict
        .columns(["task_id", "server", "tool"])
        .doUpdateSet((build) => ({ calls: build("budget_counters.calls", "+", 1) }))
        .where("budget_counters.calls", "<", maxCalls),
    );
  if (db.run(query) === 0) throw new OperationError("STORE_CONFLICT", "a claim names one counter twice");
}

function isUsable(db: Connection, { approval, operators }: ApprovalUse, at: Date): boolean {
  const stored = db.build
    .selectFrom("approvals")
    .select("revision")
    .where("id", "=", approval.request.id)
    .where("state", "=", "approved")
    .where("not_after", ">", at.getTime());
  if (db.first(stored)?.revision !== approval.revision) return false;
  return operators.every(({ name, revision }) => {
    const query = db.build.selectFrom("operators").select("revision").where("name", "=", name);
    return db.first(query)?.revision === revision;
  });
}

function insertCall(db: Connection, claim: CallClaim): void {
  const columns = {
    id: claim.callId,
    task_id: claim.taskId,
    server: claim.server,
    tool: claim.tool,
    guard: claim.guard,
    approval_id: claim.use?.approval.request.id ?? null,
    begun_at: claim.at.getTime(),
    state: "begun",
    finished_at: null,
    detail: "",
  };
  db.run(db.build.insertInto("calls").values(columns));
}
