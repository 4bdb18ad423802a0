// SPDX-License-Identifier: Apache-2.0

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** A clock that stands still until a test moves it. Fits the Clock of every process. */
export class ManualClock {
  #now: number;
  readonly #sleepers = new Set<Sleeper>();

  /** Default: 2026-01-01T00:00:00Z. */
  constructor(start: Date = new Date("2026-01-01T00:00:00Z")) {
    this.#now = start.getTime();
  }

  now(): Date {
    return new Date(this.#now);
  }

  /** Resolves when the clock was moved by `ms`; rejects with the signal's reason. */
  sleep(ms: number, options: AbortSignal | { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    const signal = options instanceof AbortSignal ? options : options.signal;
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason as Error);
      const abort = (): void => {
        this.#sleepers.delete(sleeper);
        reject(signal?.reason as Error);
      };
      const sleeper: Sleeper = {
        at: this.#now + ms,
        wake: () => {
          signal?.removeEventListener("abort", abort);
          resolve();
        },
      };
      signal?.addEventListener("abort", abort, { once: true });
      this.#sleepers.add(sleeper);
      if (ms <= 0) this.#wakeDue();
    });
  }

  /** How many sleep. */
  get sleepers(): number {
    return this.#sleepers.size;
  }

  /** Moves the clock on and wakes whose time has come, the earliest first, each at its own instant; waits for what they do next. */
  async advance(ms: number): Promise<void> {
    if (!(ms >= 0)) throw new RangeError("a clock goes forwards; use set for a step back");
    const end = this.#now + ms;
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#now = Math.max(this.#now, next.at);
      this.#wakeDue();
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#now = end;
  }

  /** A step of the wall clock in either direction; wakes whose time has come. */
  set(now: Date): void {
    this.#now = now.getTime();
    this.#wakeDue();
  }

  #next(end: number): Sleeper | undefined {
    let first: Sleeper | undefined;
    for (const sleeper of this.#sleepers) {
      if (sleeper.at <= end && (first === undefined || sleeper.at < first.at)) first = sleeper;
    }
    return first;
  }

  #wakeDue(): void {
    for (const sleeper of this.#sleepers) {
      if (sleeper.at > this.#now) continue;
      this.#sleepers.delete(sleeper);
      sleeper.wake();
    }
  }
}
