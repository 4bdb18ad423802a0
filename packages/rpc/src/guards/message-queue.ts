// SPDX-License-Identifier: Apache-2.0

/** Messages in the order in which they were pushed, for one reader. */
export class MessageQueue<T> implements AsyncIterable<T> {
  readonly #messages: T[] = [];
  #wake: (() => void) | undefined;
  #over = false;

  push(message: T): void {
    if (this.#over) return;
    this.#messages.push(message);
    this.#wake?.();
  }

  /** Drops what is left. */
  end(): void {
    this.#over = true;
    this.#messages.length = 0;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    while (!this.#over) {
      const message = this.#messages.shift();
      if (message !== undefined) {
        yield message;
        continue;
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
  }
}
