// SPDX-License-Identifier: Apache-2.0

/** A value that changes, for any number of readers: each sees the newest when it asks, and never waits for the others. */
export class Latest<T> {
  #version = 0;
  #value: T | undefined;
  #end: { readonly error: unknown } | undefined;
  readonly #waiting = new Set<() => void>();

  /** Undefined before the first. */
  get value(): T | undefined {
    return this.#value;
  }

  /** How many readers wait for a newer value. */
  get waiting(): number {
    return this.#waiting.size;
  }

  publish(value: T): void {
    this.#version++;
    this.#value = value;
    this.#wake();
  }

  /** Readers get what they did not see yet, then `error`; undefined = they just end. */
  end(error: unknown): void {
    this.#end ??= { error };
    this.#wake();
  }

  /**
   * The value now, if there is one, and each newest one later; values that a slow reader missed are skipped. A reader that stops, also while
   * it waits, leaves nothing behind. Rejects with the signal's reason.
   */
  read({ signal }: { readonly signal?: AbortSignal | undefined } = {}): AsyncIterableIterator<T, void, undefined> {
    let seen = 0;
    let stopped = false;
    let wakeUp: (() => void) | undefined;
    const next = async (): Promise<IteratorResult<T, void>> => {
      for (;;) {
        signal?.throwIfAborted();
        if (stopped) return { done: true, value: undefined };
        if (this.#version > seen) {
          seen = this.#version;
          return { done: false, value: this.#value as T };
        }
        if (this.#end !== undefined) {
          stopped = true;
          if (this.#end.error !== undefined) throw this.#end.error;
          return { done: true, value: undefined };
        }
        await this.#change(signal, (wake) => (wakeUp = wake));
      }
    };
    return {
      next,
      return: () => {
        stopped = true;
        wakeUp?.();
        return Promise.resolve({ done: true, value: undefined });
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  /** Resolves with the next change, the signal, or when the function that `started` is given is called. */
  #change(signal: AbortSignal | undefined, started: (wake: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake);
        signal?.removeEventListener("abort", wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal?.addEventListener("abort", wake, { once: true });
      started(wake);
    });
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }
}
