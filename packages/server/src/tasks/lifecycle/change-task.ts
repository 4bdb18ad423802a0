// SPDX-License-Identifier: Apache-2.0
import type { Task } from "@mayfly/tasks";
import type { Actor } from "../callers/actor.ts";
import { recordText } from "../record/recorder.ts";
import type { TaskLayer } from "../task-layer.ts";

/** Suspends or resumes a task with its subtree. @throws {TaskError} of `TaskStore.change` */
export async function changeTask(
  layer: TaskLayer,
  actor: Actor,
  { task, act, why }: { readonly task: Task; readonly act: "suspend" | "resume"; readonly why: string },
): Promise<void> {
  const event =
    act === "suspend" ? ({ event: "suspend" } as const) : ({ event: "resume", at: layer.clock.now() } as const);
  await layer.recorder.around(
    {
      kind: "task",
      actor: actor.name,
      ...(actor.serial !== undefined && { serial: actor.serial }),
      task: task.id,
      body: { act, why: recordText(why) },
    },
    {
      stops: act === "suspend" ? "nothing" : "act",
      act: async () => {
        const committed = await layer.stores.tasks.change(task.id, event);
        layer.live.take(committed.tasks);
        return committed;
      },
      describe: ({ tasks, grants, approvals }) => ({
        tasks: tasks.length,
        grants: grants.length,
        approvals: approvals.length,
      }),
    },
  );
}
