// SPDX-License-Identifier: Apache-2.0

/** A value that changes, for any number of readers: each sees the newest when it asks, and never waits for the others. */
export class Latest<T> {
  #version = 0;
  #value: T | undefined;
  #end: { readonly error: unknown } | undefined;
  #waiting: (() => void)[] = [];

  /** Undefined before the first. */
  get value(): T | undefined {
    return this.#value;
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

  /** The value now, if there is one, and each newest one later; values that a slow reader missed are skipped. */
  async *read(): AsyncGenerator<T, void, undefined> {
    for (let seen = 0; ; ) {
      if (this.#version > seen) {
        seen = this.#version;
        yield this.#value as T;
      } else if (this.#end === undefined) {
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
      } else {
        if (this.#end.error !== undefined) throw this.#end.error;
        return;
      }
    }
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
