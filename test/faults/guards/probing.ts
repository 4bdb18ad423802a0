// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";

const pauseMs = 100;

/** Tries something again and again, from outside, and remembers when it worked last. */
export class Probing {
  /** Resolves when it works for the first time: what never did shows nothing by not working later. */
  readonly firstPass: Promise<void>;
  readonly #ended: Promise<void>;
  readonly #stop = new AbortController();
  #lastPassMs = Number.NEGATIVE_INFINITY;
  #refusals = 0;

  /** `attempt` gives whether it worked; an error is a no. */
  constructor(attempt: () => Promise<boolean> | boolean) {
    const first = Promise.withResolvers<void>();
    this.firstPass = first.promise;
    this.#ended = this.#run(attempt, () => first.resolve());
  }

  /** By `performance.now()`; when the success was seen here, which is later than what brought it about. */
  get lastPassMs(): number {
    return this.#lastPassMs;
  }

  /** How often it has not worked since it worked last. */
  get refusals(): number {
    return this.#refusals;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#ended;
  }

  async #run(attempt: () => Promise<boolean> | boolean, onPass: () => void): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const passed = await Promise.resolve(attempt()).catch(() => false);
      this.#refusals = passed ? 0 : this.#refusals + 1;
      if (passed) {
        this.#lastPassMs = performance.now();
        onPass();
      }
      await sleep(pauseMs);
    }
  }
}
