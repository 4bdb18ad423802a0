// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import type { TaskId } from "@mayfly/tasks";
import type { TaskLayer } from "./task-layer.ts";

const everyMs = 30_000;
/** Of one transaction: some milliseconds that another write may wait. */
const rowsAtOnce = 100;
/** Between two of them, so that what is old takes no more than a part of the store's time. */
const pauseMs = 20;

/** What is tidied, and when it may be. */
export interface TidyingOptions {
  /** How long ended tasks are kept with their calls, grants and approvals; 0 = for ever. */
  readonly taskRetentionSeconds: number;
  /** By a clock that stepped nothing is expired or deleted, for it may step back. */
  readonly clockIsBelieved: () => boolean;
}

/**
 * Expires approvals, and deletes tickets that are past their end and tasks that ended long ago; the record keeps what there was. Nobody
 * depends on it: an end counts at once.
 */
export class Tidying implements AsyncDisposable {
  readonly #layer: TaskLayer;
  readonly #options: TidyingOptions;
  readonly #timer: NodeJS.Timeout;
  readonly #over = new AbortController();
  #running: Promise<void> | undefined;

  constructor(layer: TaskLayer, options: TidyingOptions) {
    this.#layer = layer;
    this.#options = options;
    this.#timer = setInterval(() => void this.tidy(), everyMs).unref();
  }

  /** One at a time; never rejects. */
  tidy(): Promise<void> {
    this.#running ??= this.#tidy().finally(() => (this.#running = undefined));
    return this.#running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#over.abort();
    await this.#running;
  }

  async #tidy(): Promise<void> {
    if (!this.#options.clockIsBelieved()) return;
    const { stores, clock, recorder, serverId, logger } = this.#layer;
    try {
      await stores.tickets.prune(clock.now());
      for (const { request } of await stores.approvals.expire(clock.now())) {
        const { taskId: task, id: approval } = request;
        await recorder.note({ kind: "approval", actor: serverId, task, approval, body: { act: "expire" } });
      }
      await this.#pruneTasks();
    } catch (error) {
      if (!this.#over.signal.aborted) logger.warn("tidying_failed", { error: (error as Error).message });
    }
  }

  async #pruneTasks(): Promise<void> {
    const { taskRetentionSeconds, clockIsBelieved } = this.#options;
    if (taskRetentionSeconds === 0) return;
    const { stores, clock } = this.#layer;
    const endedBefore = new Date(clock.now().getTime() - taskRetentionSeconds * 1000);
    while (clockIsBelieved()) {
      const { tasks, isDone } = await stores.tasks.prune(endedBefore, rowsAtOnce);
      if (tasks.length > 0) await this.#tell(tasks);
      if (isDone) return;
      await sleep(pauseMs, undefined, { signal: this.#over.signal, ref: false });
    }
  }

  /** Some that are not found any more were pruned, and none was lost. */
  async #tell(tasks: readonly TaskId[]): Promise<void> {
    const { recorder, serverId, logger } = this.#layer;
    logger.info("tasks_pruned", { tasks: tasks.length });
    await recorder.note({ kind: "task", actor: serverId, body: { act: "prune", tasks } });
  }
}
