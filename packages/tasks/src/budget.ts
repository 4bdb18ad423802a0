// SPDX-License-Identifier: Apache-2.0
import { findTool } from "./scope/scope.ts";
import type { Task } from "./task/task.ts";
import type { TaskId } from "./task/task-id.ts";

/** One count that a call takes from: of a task and its descendants together, for one tool. */
export interface BudgetCounter {
  readonly taskId: TaskId;
  readonly server: string;
  readonly tool: string;
  /** Calls in all. */
  readonly maxCalls: number;
}

/** All counters that a call takes one from. `lineage` is the task and its ancestors: a child spends of its parents' budgets too. */
export function countersOf(
  { server, tool }: { readonly server: string; readonly tool: string },
  lineage: readonly Task[],
): readonly BudgetCounter[] {
  return lineage.flatMap(({ id, scope }) => {
    const maxCalls = findTool(scope, server, tool)?.maxCalls;
    return maxCalls === undefined ? [] : [{ taskId: id, server, tool, maxCalls }];
  });
}
