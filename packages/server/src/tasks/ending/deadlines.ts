// SPDX-License-Identifier: Apache-2.0
import type { Task, TaskId } from "@mayfly/tasks";
import type { Clock } from "../../clock.ts";
import { ExpiryQueue } from "../../views/expiry-queue.ts";
import type { LiveTasks } from "../standing/live-tasks.ts";

/** How soon an end that failed is tried again. */
const retryMs = 1000;

/** Ends tasks when their deadline comes; what comes due in one turn ends in one transaction. */
export class Deadlines implements Disposable {
  readonly #clock: Clock;
  readonly #queue: ExpiryQueue;
  readonly #unsubscribe: () => void;
  readonly #expire: (ids: readonly TaskId[]) => Promise<void>;
  #due: TaskId[] = [];

  /** `expire` rejects when the ids have to be tried again. */
  constructor(live: LiveTasks, clock: Clock, expire: (ids: readonly TaskId[]) => Promise<void>) {
    this.#clock = clock;
    this.#expire = expire;
    this.#queue = new ExpiryQueue(clock, (id) => this.#onDue(id as TaskId));
    this.#unsubscribe = live.onChange((task) => this.#follow(task));
    for (const task of live.all()) this.#follow(task);
  }

  [Symbol.dispose](): void {
    this.#unsubscribe();
    this.#queue[Symbol.dispose]();
  }

  #follow({ id, state, notAfter }: Task): void {
    if (state === "ending" || state === "ended") this.#queue.delete(id);
    else this.#queue.set(id, notAfter);
  }

  #onDue(id: TaskId): void {
    if (this.#due.push(id) > 1) return;
    setImmediate(() => {
      const ids = this.#due;
      this.#due = [];
      this.#expire(ids).catch(() => {
        const again = new Date(this.#clock.now().getTime() + retryMs);
        for (const each of ids) this.#queue.set(each, again);
      });
    });
  }
}
