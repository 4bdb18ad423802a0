// SPDX-License-Identifier: Apache-2.0
import type { TaskStanding as TaskStandingMessage } from "@mayfly/rpc";
import { isTaskId, type TaskId, type TaskState, type Tier, tierNames } from "@mayfly/tasks";

/** What the server last said of a task, as far as an agent acts on it. */
export interface TaskStanding {
  readonly id: TaskId;
  readonly state: TaskState;
  readonly tier: Tier;
  readonly notAfter: Date;
  readonly revision: bigint;
}

const states: readonly TaskState[] = ["proposed", "active", "suspended", "ending", "ended"];

/** undefined for one that this agent can't use: it then knows no such task, and gives nothing for it. */
export function readStanding(message: TaskStandingMessage): TaskStanding | undefined {
  const { task_id: id } = message;
  const state = states.find((each) => each === message.state);
  const tier = tierNames.find((each) => each === message.tier);
  const notAfter = new Date(Number(message.not_after_ms));
  if (!isTaskId(id) || state === undefined || tier === undefined || Number.isNaN(notAfter.getTime())) return undefined;
  return { id, state, tier, notAfter, revision: BigInt(message.revision) };
}
