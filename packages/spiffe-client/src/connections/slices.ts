// SPDX-License-Identifier: Apache-2.0
import { tell } from "./tell.ts";

const sliceMs = 20;

/** Something to be done to each of many, 20 ms at a time: ten thousand connections must not stop the process, nor one that fails the rest. */
export class Slices<T> {
  readonly #step: (item: T) => void;
  #rest: Iterator<T> | undefined;
  #isScheduled = false;

  constructor(step: (item: T) => void) {
    this.#step = step;
  }

  /** The first slice is done when this returns. What an earlier run left over comes first. */
  begin(items: Iterable<T>): void {
    this.#slice();
    if (this.#rest === undefined) this.beginAnew(items);
  }

  /** The same in place of an earlier run: for what has to be said anew of all. */
  beginAnew(items: Iterable<T>): void {
    this.#rest = items[Symbol.iterator]();
    this.#slice();
  }

  #slice(): void {
    const until = performance.now() + sliceMs;
    while (this.#rest !== undefined && performance.now() < until) {
      const { done, value } = this.#rest.next();
      if (done === true) this.#rest = undefined;
      else tell(() => this.#step(value));
    }
    if (this.#rest === undefined || this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#slice();
    });
  }
}
