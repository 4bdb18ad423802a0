// SPDX-License-Identifier: Apache-2.0
import type { Call, CallState, TaskId } from "@mayfly/tasks";
import type { Selectable } from "kysely";
import type { Schema } from "../sqlite/schema.ts";

export function toCall(row: Selectable<Schema["calls"]>): Call {
  return {
    id: row.id,
    taskId: row.task_id as TaskId,
    server: row.server,
    tool: row.tool,
    guard: row.guard,
    ...(row.approval_id !== null && { approvalId: row.approval_id }),
    begunAt: new Date(row.begun_at),
    state: row.state as CallState,
    ...(row.finished_at !== null && { finishedAt: new Date(row.finished_at) }),
    detail: row.detail,
  };
}
