// SPDX-License-Identifier: Apache-2.0
import type { StatusError } from "../status/status-error.ts";

interface Waiter<T> {
  resolve(result: IteratorResult<T, undefined>): void;
  reject(error: unknown): void;
}

const done: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** The requests of a client's stream, read from the connection one by one as they are asked for. */
export class RequestQueue<T> implements AsyncIterableIterator<T, undefined> {
  readonly #read: () => void;
  readonly #waiting: Waiter<T>[] = [];
  #ended = false;
  #failure: StatusError | undefined;

  /** `read` asks for one message: then `push` or `end` is called. */
  constructor(read: () => void) {
    this.#read = read;
  }

  push(message: T): void {
    this.#waiting.shift()?.resolve({ done: false, value: message });
    if (this.#waiting.length > 0) this.#read();
  }

  /** The client has no more messages. */
  end(): void {
    this.#ended = true;
    for (const waiter of this.#waiting.splice(0)) waiter.resolve(done);
  }

  /** The call is over: readers get `failure`, now and later. */
  fail(failure: StatusError): void {
    if (this.#ended) return;
    this.#failure = failure;
    for (const waiter of this.#waiting.splice(0)) waiter.reject(failure);
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#ended) return Promise.resolve(done);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      if (this.#waiting.length === 1) this.#read();
    });
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.end();
    return Promise.resolve(done);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
