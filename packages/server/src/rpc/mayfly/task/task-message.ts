// SPDX-License-Identifier: Apache-2.0
import type { GrantMessage, Sent, StartTaskResponse, TaskMessage } from "@mayfly/rpc";
import { TrustDomain } from "@mayfly/spiffe";
import { formatScope, type Grant, type Task, taskSpiffeId } from "@mayfly/tasks";
import type { PlainGrant } from "../../../tasks/ending/withdrawal.ts";
import { formatEvidence } from "../../../tasks/evidence.ts";
import type { CreatedTask } from "../../../tasks/lifecycle/create-task.ts";

/** A task on the wire. Its entry has its id. */
export function toTaskMessage(task: Task, trustDomain: string): Sent<TaskMessage> {
  return {
    id: task.id,
    parent_id: task.parentId ?? "",
    root_id: task.rootId,
    depth: task.depth,
    agent: task.agent,
    owner: task.owner,
    requested_by: task.requestedBy,
    tier: task.tier,
    scope_json: formatScope(task.scope),
    state: task.state,
    reason: task.reason ?? "",
    created_at_ms: String(task.createdAt.getTime()),
    not_after_ms: String(task.notAfter.getTime()),
    revision: String(task.revision),
    spiffe_id: taskSpiffeId(TrustDomain.parse(trustDomain), task.agent, task.id).toString(),
    entry_id: task.id,
  };
}

/** A grant on the wire; its task is empty where none stands behind it. */
export function toGrantMessage(grant: Grant | PlainGrant): Sent<GrantMessage> {
  return {
    id: grant.id,
    task_id: grant.taskId,
    kind: grant.kind,
    guard: grant.guard,
    ref: grant.ref,
    not_after_ms: String(grant.notAfter.getTime()),
    state: grant.state,
    evidence_json: formatEvidence(grant.evidence),
    ended_at_ms: String(grant.evidence?.at.getTime() ?? 0),
  };
}

export function toStartResponse(created: CreatedTask, trustDomain: string): Sent<StartTaskResponse> {
  return {
    task: toTaskMessage(created.task, trustDomain),
    ticket: created.ticket,
    ticket_expires_at_ms: String(created.ticketExpiresAt.getTime()),
  };
}
