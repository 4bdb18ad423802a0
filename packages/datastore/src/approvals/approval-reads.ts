// SPDX-License-Identifier: Apache-2.0
import type { Approval, ApprovalState } from "@mayfly/tasks";
import type { Connection } from "../sqlite/connection.ts";
import { findApproval, toApproval } from "./approval-rows.ts";

export function get(db: Connection, id: string): Approval | undefined {
  return findApproval(db, id);
}

export function list(
  db: Connection,
  { state, taskId }: { state?: ApprovalState | undefined; taskId?: string | undefined },
): readonly Approval[] {
  let query = db.build.selectFrom("approvals").selectAll().orderBy("row_id");
  if (state !== undefined) query = query.where("state", "=", state);
  if (taskId !== undefined) query = query.where("task_id", "=", taskId);
  return db.all(query).map(toApproval);
}
