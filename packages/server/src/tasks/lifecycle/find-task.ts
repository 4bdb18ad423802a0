// SPDX-License-Identifier: Apache-2.0
import { parseTaskId, type Task, TaskError } from "@mayfly/tasks";
import type { Caller } from "../../authorization/caller.ts";
import { type Actor, maySee, notAllowed, requireRole } from "../callers/actor.ts";
import type { TaskLayer } from "../task-layer.ts";

/** From the store. @throws {TaskError} BAD_TASK_ID, TASK_UNKNOWN */
export async function requireTask({ stores }: TaskLayer, text: string): Promise<Task> {
  const id = parseTaskId(text);
  const task = await stores.tasks.get(id);
  if (task === undefined) throw new TaskError("TASK_UNKNOWN", `there is no task ${id}`);
  return task;
}

/**
 * A task that the caller may read, or end: a person by role, a task in its own subtree.
 * @throws {TaskError} as `requireTask` @throws {StatusError} PERMISSION_DENIED, code NOT_ALLOWED
 */
export async function requireTaskFor(
  layer: TaskLayer,
  { caller, actor }: { readonly caller: Caller; readonly actor: Actor },
  { id, to }: { readonly id: string; readonly to: "see" | "end" },
): Promise<Task> {
  const { taskId } = caller;
  if (taskId !== undefined) {
    const lineage = await layer.stores.tasks.lineage(parseTaskId(id));
    const [task] = lineage;
    // The same answer for a foreign and for an unknown one.
    if (task !== undefined && lineage.some((each) => each.id === taskId)) return task;
    throw notAllowed("a task may look at and end its own subtree only");
  }
  const task = await requireTask(layer, id);
  if (to === "end") requireRole(actor, "operator", task.agent);
  else if (!maySee(actor, task.agent)) throw notAllowed(`${actor.name} has no role over agent ${task.agent}`);
  return task;
}
