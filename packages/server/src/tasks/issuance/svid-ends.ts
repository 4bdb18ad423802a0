// SPDX-License-Identifier: Apache-2.0
import { type Task, type TaskId, tiers } from "@mayfly/tasks";
import type { Clock } from "../../clock.ts";

/** When the longest-lived SVID of each task ends: until then a validator that knows nothing of tasks may take it. */
export class SvidEnds {
  readonly #clock: Clock;
  readonly #startedAt: Date;
  readonly #ends = new Map<TaskId, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startedAt = clock.now();
  }

  note(task: TaskId, notAfter: Date): void {
    this.#ends.set(task, Math.max(notAfter.getTime(), this.#ends.get(task) ?? 0));
  }

  forget(task: TaskId): void {
    this.#ends.delete(task);
  }

  /** Ms from now; of tasks older than this server's start the most that their tier gives. */
  foreignMs(tasks: readonly Task[]): number {
    const now = this.#clock.now().getTime();
    const ends = tasks.map(({ id, tier, createdAt, notAfter }) => {
      const before = createdAt < this.#startedAt ? this.#startedAt.getTime() + tiers[tier].svidTtlSeconds * 1000 : 0;
      // No SVID outlives its entry.
      return Math.min(Math.max(this.#ends.get(id) ?? 0, before), notAfter.getTime());
    });
    return Math.max(0, ...ends.map((end) => end - now));
  }
}
