// SPDX-License-Identifier: Apache-2.0
import { changeSubtree, type Holdings, type SubtreeEvent, type Task } from "@mayfly/tasks";

/**
 * Ends several subtrees in turn. What an earlier one ended stays as it is: a task that two of them share ends once, for the first reason.
 * `before` is all of them.
 */
export function endSubtrees(
  ids: readonly string[],
  before: Holdings,
  event: Extract<SubtreeEvent, { readonly event: "end" }>,
): Holdings {
  const tasks = new Map<string, Task>(before.tasks.map((task) => [task.id, task]));
  const children = Map.groupBy(before.tasks, ({ parentId }) => parentId);
  const grants = Map.groupBy(before.grants, ({ taskId }) => taskId);
  const approvals = Map.groupBy(before.approvals, ({ request }) => request.taskId);
  const changed: Holdings[] = [];
  for (const id of new Set(ids)) {
    const top = tasks.get(id);
    if (top === undefined) continue;
    const subtree = below(top, children).map((task) => tasks.get(task.id) ?? task);
    const held = {
      tasks: subtree,
      grants: subtree.flatMap((task) => grants.get(task.id) ?? []),
      approvals: subtree.flatMap((task) => approvals.get(task.id) ?? []),
    };
    const step = changeSubtree(top, held, event);
    for (const task of step.tasks) tasks.set(task.id, task);
    changed.push(step);
  }
  return {
    tasks: changed.flatMap((each) => each.tasks),
    grants: changed.flatMap((each) => each.grants),
    approvals: changed.flatMap((each) => each.approvals),
  };
}

/** The task and its descendants, parents first. */
function below(top: Task, children: ReadonlyMap<string | undefined, readonly Task[]>): readonly Task[] {
  const found = [top];
  for (const task of found) found.push(...(children.get(task.id) ?? []));
  return found;
}
