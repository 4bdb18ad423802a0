// SPDX-License-Identifier: Apache-2.0
import type { Selector } from "./selector.ts";

/**
 * The type of selectors that say which task a process is bound to. Reserved: an entry may demand one, but no attestor of nodes or
 * processes may give one. Only an agent does, for the very process that showed the task's ticket.
 */
export const taskSelectorType = "task";

/** `task:id:<id>`. */
export function taskSelector(taskId: string): Selector {
  return { type: taskSelectorType, value: `id:${taskId}` };
}
