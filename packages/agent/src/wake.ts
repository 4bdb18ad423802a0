// SPDX-License-Identifier: Apache-2.0

/** Tells any number of waiters that something changed; what, they read themselves. Take `next` before reading, so that nothing is missed. */
export class Wake {
  #next = Promise.withResolvers<void>();

  /** Resolves at the next `notify`. */
  get next(): Promise<void> {
    return this.#next.promise;
  }

  notify(): void {
    const waited = this.#next;
    this.#next = Promise.withResolvers<void>();
    waited.resolve();
  }
}

/** Waits for the first of `promises`, or `timeoutMs` (undefined = for ever); rejects with the signal's reason. Frees what it needed. */
export function waitFor(
  promise: Promise<void>,
  { signal, timeoutMs }: { readonly signal: AbortSignal; readonly timeoutMs?: number | undefined },
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const timer = timeoutMs === undefined ? undefined : setTimeout(done, Math.min(Math.max(timeoutMs, 0), 2 ** 31 - 1));
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", aborted);
      resolve();
    }
    function aborted(): void {
      clearTimeout(timer);
      reject(signal.reason as Error);
    }
    signal.addEventListener("abort", aborted, { once: true });
    promise.then(done, done);
  });
}
