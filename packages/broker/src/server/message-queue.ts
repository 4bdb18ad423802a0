// SPDX-License-Identifier: Apache-2.0

/** Messages in the order in which they were pushed, for one reader. */
export class MessageQueue<T> implements AsyncIterable<T> {
  readonly #messages: T[] = [];
  #wake: () => void = () => undefined;
  #isOver = false;

  push(message: T): void {
    if (this.#isOver) return;
    this.#messages.push(message);
    this.#wake();
  }

  /** Drops what is left. */
  end(): void {
    this.#isOver = true;
    this.#messages.length = 0;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    while (!this.#isOver) {
      const message = this.#messages.shift();
      if (message === undefined) await new Promise<void>((resolve) => (this.#wake = resolve));
      else yield message;
    }
  }
}
