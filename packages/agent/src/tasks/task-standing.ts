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

/** undefined for one without a readable id; what else can't be read counts as what allows least. */
export function readStanding(message: TaskStandingMessage): TaskStanding | undefined {
  const { task_id: id } = message;
  if (!isTaskId(id)) return undefined;
  const state = states.find((each) => each === message.state) ?? "suspended";
  const tier = tierNames.find((each) => each === message.tier) ?? "T3";
  const deadline = new Date(Number(message.not_after_ms));
  const notAfter = Number.isNaN(deadline.getTime()) ? new Date(0) : deadline;
  return { id, state, tier, notAfter, revision: BigInt(message.revision) };
}
