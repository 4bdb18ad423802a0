// SPDX-License-Identifier: Apache-2.0
import type { RecordKind } from "@mayfly/journal";
import type { EndReason, TaskId } from "@mayfly/tasks";
import type { Actor } from "../callers/actor.ts";
import type { Pursuit } from "../ending/pursuit.ts";
import { recordText } from "../record/recorder.ts";
import type { TaskLayer } from "../task-layer.ts";

/** What is ended, why, and in whose name. */
export interface EndOrder {
  readonly kind: Extract<RecordKind, "task" | "kill">;
  readonly actor: Pick<Actor, "name" | "serial">;
  readonly tops: readonly TaskId[];
  readonly reason: EndReason;
  readonly why: string;
  /** What was asked for: `task t-…`, `agent ops/bot`. */
  readonly what: string;
}

/**
 * Ends subtrees in one transaction ahead of all other writes, tells the guards in the turn in which it is committed, and follows it up.
 * Resolves once it is committed. A record that can't be written does not stop it: it only takes away.
 * @throws {TaskError} of `TaskStore.end`
 */
export async function endTasks(layer: TaskLayer, order: EndOrder): Promise<Pursuit> {
  const { actor, tops, reason, kind } = order;
  const [top] = tops;
  return await layer.recorder.around(
    {
      kind,
      actor: actor.name,
      ...(actor.serial !== undefined && { serial: actor.serial }),
      ...(tops.length === 1 && top !== undefined && { task: top }),
      body: { act: "end", what: recordText(order.what), reason, why: recordText(order.why), tops: tops.slice(0, 1000) },
    },
    {
      stops: "nothing",
      act: async () => {
        const committed = await layer.stores.tasks.end(tops, reason, layer.clock.now());
        return await layer.endings.pursue(committed, tops);
      },
      describe: ({ tasks, grantCount }) => ({ tasks: tasks.size, grants: grantCount }),
    },
  );
}
