// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";

/** How a request for tokens ended. */
export type LimitOutcome = "granted" | "exceeds-burst" | "exceeds-deadline";

interface Bucket {
  tokens: number;
  /** Milliseconds on the monotonic clock. */
  refilledAt: number;
}

const maxBuckets = 100_000;

/** Token bucket per key: `ratePerSecond` tokens a second, as many at once. Callers wait for their tokens in the order they came. */
export class RateLimiter {
  readonly #rate: number;
  readonly #nowMs: () => number;
  readonly #buckets = new Map<string, Bucket>();

  /** @param ratePerSecond 0 = unlimited */
  constructor(ratePerSecond: number, nowMs: () => number = () => performance.now()) {
    this.#rate = ratePerSecond;
    this.#nowMs = nowMs;
  }

  /** Takes `count` tokens for `key`, waiting if need be but not past `deadline`. @throws the signal's reason */
  async take(
    key: string,
    count: number,
    options: { deadline?: Date | undefined; signal?: AbortSignal | undefined } = {},
  ): Promise<LimitOutcome> {
    if (this.#rate === 0 || count === 0) return "granted";
    if (count > this.#rate) return "exceeds-burst";
    const bucket = this.#refilled(key);
    const waitMs = Math.max(0, ((count - bucket.tokens) / this.#rate) * 1000);
    if (options.deadline !== undefined && Date.now() + waitMs > options.deadline.getTime()) return "exceeds-deadline";
    bucket.tokens -= count;
    if (waitMs === 0) return "granted";
    try {
      await sleep(waitMs, undefined, { signal: options.signal, ref: false });
    } catch (error) {
      bucket.tokens += count;
      throw error;
    }
    return "granted";
  }

  #refilled(key: string): Bucket {
    const now = this.#nowMs();
    const known = this.#buckets.get(key);
    if (known === undefined) {
      this.#evict(now);
      const fresh = { tokens: this.#rate, refilledAt: now };
      this.#buckets.set(key, fresh);
      return fresh;
    }
    known.tokens = Math.min(this.#rate, known.tokens + ((now - known.refilledAt) / 1000) * this.#rate);
    known.refilledAt = now;
    return known;
  }

  /** A bucket that had time to fill up again is as good as none. */
  #evict(now: number): void {
    if (this.#buckets.size < maxBuckets) return;
    for (const [key, bucket] of this.#buckets) {
      if (bucket.tokens + ((now - bucket.refilledAt) / 1000) * this.#rate >= this.#rate) this.#buckets.delete(key);
    }
  }
}
