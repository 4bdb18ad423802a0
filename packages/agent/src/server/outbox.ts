// SPDX-License-Identifier: Apache-2.0

/** Messages for the sending half of a stream, in order, as they come up. */
export class Outbox<T> implements AsyncIterable<T> {
  readonly #waiting: T[];
  #ended = false;
  #wake: () => void = () => undefined;

  constructor(...first: readonly T[]) {
    this.#waiting = [...first];
  }

  send(message: T): void {
    this.#waiting.push(message);
    this.#wake();
  }

  /** Closes this half when everything is sent. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (;;) {
      const message = this.#waiting.shift();
      if (message !== undefined) {
        yield message;
      } else if (this.#ended) {
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }
}
