// SPDX-License-Identifier: Apache-2.0
import { newTraceContext, type SpanSink } from "@mayfly/telemetry";
import type { Task, TaskId } from "@mayfly/tasks";
import type { Clock } from "../../clock.ts";
import type { LiveTasks } from "../standing/live-tasks.ts";

/** What the spans of ends are made of. */
export interface EndSpansDeps {
  readonly live: LiveTasks;
  readonly spans: SpanSink;
  readonly clock: Clock;
}

interface Begun {
  readonly startedAt: Date;
  readonly startedMs: number;
}

/** A span for each end of a task: from the commit that stopped it until nothing is left of it. What was ending at the start begins there. */
export class EndSpans implements Disposable {
  readonly #deps: EndSpansDeps;
  readonly #begun = new Map<TaskId, Begun>();
  readonly #unsubscribe: () => void;

  constructor(deps: EndSpansDeps) {
    this.#deps = deps;
    for (const task of deps.live.all()) this.#take(task);
    this.#unsubscribe = deps.live.onChange((task) => this.#take(task));
  }

  [Symbol.dispose](): void {
    this.#unsubscribe();
  }

  #take(task: Task): void {
    const { id, state } = task;
    const begun = this.#begun.get(id);
    if (state === "ending" && begun === undefined) {
      this.#begun.set(id, { startedAt: this.#deps.clock.now(), startedMs: performance.now() });
    }
    if (state !== "ended" || begun === undefined) return;
    this.#begun.delete(id);
    this.#end(task, begun);
  }

  #end({ id, parentId, depth, agent, reason }: Task, { startedAt, startedMs }: Begun): void {
    this.#deps.spans.ended({
      ...newTraceContext(),
      name: "task end",
      kind: "internal",
      startedAt,
      durationMs: performance.now() - startedMs,
      status: "ok",
      attributes: {
        "mayfly.task.id": id,
        "mayfly.task.parent_id": parentId,
        "mayfly.task.end_reason": reason,
        "mayfly.delegation.depth": depth,
        "gen_ai.agent.name": agent,
      },
    });
  }
}
