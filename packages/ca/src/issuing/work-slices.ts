// SPDX-License-Identifier: Apache-2.0
import { setImmediate as nextTurn } from "node:timers/promises";

interface Job {
  /** Does the next piece; true when there is none left. */
  step(): boolean;
}

/** Longest time that the pieces take in one turn of the event loop, all callers together. */
const budgetMs = 1;
/** Pieces of one caller before another's get their turn. */
const piecesInARow = 16;

/** Runs many small synchronous pieces of work for many callers without ever holding the event loop for long. */
export class WorkSlices {
  readonly #jobs: Job[] = [];
  #running = false;

  /** Calls `piece` for every item in order and waits for what it returns; the first failure ends it. */
  async each<T, R>(items: readonly T[], piece: (item: T) => R | Promise<R>): Promise<R[]> {
    return new Promise<R[]>((resolve, reject) => {
      const results: (R | Promise<R>)[] = [];
      let isComplete = true;
      const step = (): boolean => {
        const item = items[results.length];
        if (results.length < items.length) {
          try {
            const result = piece(item as T);
            if (result instanceof Promise) isComplete = false;
            results.push(watched(result));
          } catch (error) {
            reject(error);
            return true;
          }
        }
        if (results.length < items.length) return false;
        // To wait for what is there already costs more than many a piece.
        resolve(isComplete ? (results as R[]) : Promise.all(results));
        return true;
      };
      this.#jobs.push({ step });
      if (!this.#running) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#jobs.length > 0) {
      await nextTurn();
      const end = performance.now() + budgetMs;
      do this.#runSome(end);
      while (this.#jobs.length > 0 && performance.now() < end);
    }
    this.#running = false;
  }

  #runSome(end: number): void {
    const job = this.#jobs.shift();
    if (job === undefined) return;
    for (let pieces = 0; pieces < piecesInARow && performance.now() < end; pieces++) {
      if (job.step()) return;
    }
    this.#jobs.push(job);
  }
}

/** A failure that comes while others of the same job are still under way is reported by the job, not as unhandled. */
function watched<R>(result: R | Promise<R>): R | Promise<R> {
  if (result instanceof Promise) result.catch(() => undefined);
  return result;
}
