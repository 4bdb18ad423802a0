// SPDX-License-Identifier: Apache-2.0

/** The next change, as seen from some instant before it. Unlike a promise it keeps nothing of those who stopped waiting. */
export class Moment {
  #waiting: Set<() => void> | undefined = new Set();

  /** Whether it came already. */
  get passed(): boolean {
    return this.#waiting === undefined;
  }

  /** Calls back when it comes, unless `forget` was called before; not at all when it came already. */
  remember(callback: () => void): void {
    this.#waiting?.add(callback);
  }

  forget(callback: () => void): void {
    this.#waiting?.delete(callback);
  }

  /** Now. */
  come(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const callback of waiting) callback();
  }
}

/** Tells any number of waiters that something changed; what, they read themselves. Take `next` before reading, so that nothing is missed. */
export class Wake {
  #next = new Moment();

  /** Comes at the next `notify`. */
  get next(): Moment {
    return this.#next;
  }

  notify(): void {
    const waited = this.#next;
    this.#next = new Moment();
    waited.come();
  }
}

/** Waits for the moment, or `timeoutMs` (undefined = for ever); rejects with the signal's reason. Frees what it needed. */
export function waitFor(
  moment: Moment,
  { signal, timeoutMs }: { readonly signal: AbortSignal; readonly timeoutMs?: number | undefined },
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason as Error);
      return;
    }
    if (moment.passed) {
      resolve();
      return;
    }
    const timer = timeoutMs === undefined ? undefined : setTimeout(done, Math.min(Math.max(timeoutMs, 0), 2 ** 31 - 1));
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", aborted);
      moment.forget(done);
      resolve();
    }
    function aborted(): void {
      clearTimeout(timer);
      moment.forget(done);
      reject(signal.reason as Error);
    }
    signal.addEventListener("abort", aborted, { once: true });
    moment.remember(done);
  });
}
