// SPDX-License-Identifier: Apache-2.0
import { SpiffeId, type TrustDomain } from "@mayfly/spiffe";
import type { AgentProfile } from "../operator/profile.ts";
import { tiers } from "../tier.ts";
import type { Task } from "./task.ts";
import { isTaskId, type TaskId } from "./task-id.ts";

/**
 * The registration entry that is a task's identity. It stands exactly while the task is active: the store writes and deletes it in the
 * same transaction as the task, always under the same id.
 */
export interface TaskIdentity {
  readonly entryId: string;
  /** `spiffe://<trust domain>/agent/<name>/task/<id>`. */
  readonly spiffeId: string;
  /** SPIFFE ID of the node or node alias that it is served on. */
  readonly parentId: string;
  /** `type:value`: the profile's, and `task:id:<id>`, which an agent gives only to the process that redeemed the task's ticket. */
  readonly selectors: readonly string[];
  readonly x509SvidTtlSeconds: number;
  /** The task's deadline. */
  readonly notAfter: Date;
}

/** The instance identity of a task. @throws {SpiffeIdError} for an agent's name that is no path */
export function taskSpiffeId(trustDomain: TrustDomain, agent: string, id: TaskId): SpiffeId {
  return SpiffeId.fromSegments(trustDomain, ["agent", ...agent.split("/"), "task", id]);
}

/** The stable name of an agent, whatever it works on: what policies are written about. @throws {SpiffeIdError} */
export function agentSpiffeId(trustDomain: TrustDomain, agent: string): SpiffeId {
  return SpiffeId.fromSegments(trustDomain, ["agent", ...agent.split("/")]);
}

/** Agent and task of an identity; undefined when it is not a task's. */
export function parseTaskSpiffeId(id: SpiffeId): { readonly agent: string; readonly taskId: TaskId } | undefined {
  const { segments } = id;
  const [taskId = "", word] = [segments.at(-1), segments.at(-2)];
  if (segments.length < 4 || segments[0] !== "agent" || word !== "task" || !isTaskId(taskId)) return undefined;
  return { agent: segments.slice(1, -2).join("/"), taskId };
}

/** @throws {SpiffeIdError} for an agent's name that is no path */
export function createTaskIdentity(
  task: Task,
  profile: AgentProfile,
  where: { readonly trustDomain: TrustDomain; readonly entryId: string; readonly parentId: string },
): TaskIdentity {
  return {
    entryId: where.entryId,
    spiffeId: taskSpiffeId(where.trustDomain, task.agent, task.id).toString(),
    parentId: where.parentId,
    selectors: [...profile.selectors, `task:id:${task.id}`],
    x509SvidTtlSeconds: tiers[task.tier].svidTtlSeconds,
    notAfter: task.notAfter,
  };
}
