// SPDX-License-Identifier: Apache-2.0
import type { ObstacleMessage, Sent } from "@mayfly/rpc";
import type { BoundTask } from "./task-bindings.ts";
import type { TaskVerdict } from "./standing-table.ts";

const obstacles: Readonly<Record<TaskVerdict, readonly [code: string, what: string, hint: string]>> = {
  active: ["TASK_BOUND", "", ""],
  held: ["TASK_SUSPENDED", ", which is suspended", "mayfly task resume"],
  fenced: [
    "TASK_NOT_CONFIRMED",
    ", but the server has been silent for too long to go on with it",
    "see the agent's log",
  ],
  unknown: ["TASK_UNKNOWN", ", of which the server does not tell this node", "see whether its entry is for this node"],
  over: ["TASK_OVER", ", which has ended", "start a new task"],
};

/** What being bound to a task means for the process now. */
export function explainTask({ id, verdict }: BoundTask): Sent<ObstacleMessage> {
  const [code, what, hint] = obstacles[verdict];
  return { code, message: `the process is bound to task ${id}${what}`, hint, entry_id: "", spiffe_id: "" };
}
