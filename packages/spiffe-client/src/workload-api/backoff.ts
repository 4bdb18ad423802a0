// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";

const firstMs = 100;
const maxMs = 5000;
/** How often an attempt may follow at once: an endpoint that says something good and ends must not be asked without a break. */
const atOnceEveryMs = 1000;

/** Waits between attempts: none before the first repetition, then 100 ms, doubled up to 5 s, each less up to a quarter at random. */
export class Backoff {
  #attempts = 0;
  #lastAtOnce = Number.NEGATIVE_INFINITY;

  /** After something good came. */
  reset(): void {
    this.#attempts = 0;
  }

  /** The next wait in milliseconds; `random` in [0, 1), `now` on a clock that does not step, milliseconds. */
  next(random: number, now: number): number {
    const attempt = this.#attempts === 0 && now - this.#lastAtOnce < atOnceEveryMs ? 1 : this.#attempts;
    this.#attempts = attempt + 1;
    if (attempt === 0) {
      this.#lastAtOnce = now;
      return 0;
    }
    return Math.min(maxMs, firstMs * 2 ** (attempt - 1)) * (1 - random / 4);
  }

  /** Waits. @throws the signal's reason */
  async wait(signal: AbortSignal | undefined): Promise<void> {
    const ms = this.next(Math.random(), performance.now());
    try {
      await sleep(ms, undefined, { ...(signal && { signal }) });
    } catch {
      signal?.throwIfAborted();
    }
  }
}
