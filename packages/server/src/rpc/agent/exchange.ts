// SPDX-License-Identifier: Apache-2.0

type Event = { readonly challenge: Uint8Array } | "over";

/** Turns a task that asks for challenges by callback into one whose challenges are iterated, answered one by one. */
export class Exchange<T> {
  readonly result: Promise<T>;
  #event = Promise.withResolvers<Event>();
  #answer = Promise.withResolvers<Uint8Array>();

  constructor(task: (challenge: (bytes: Uint8Array) => Promise<Uint8Array>) => Promise<T>) {
    this.result = task((challenge) => {
      this.#event.resolve({ challenge });
      return this.#answer.promise;
    });
    const over = (): void => {
      this.#event.resolve("over");
    };
    this.result.then(over, over);
  }

  /** Ends when the task is settled. Each challenge must be answered before the next is asked for. */
  async *challenges(): AsyncGenerator<Uint8Array> {
    for (let event = await this.#event.promise; event !== "over"; event = await this.#event.promise) {
      this.#event = Promise.withResolvers();
      yield event.challenge;
    }
  }

  answer(bytes: Uint8Array): void {
    const { resolve } = this.#answer;
    this.#answer = Promise.withResolvers();
    resolve(bytes);
  }
}
