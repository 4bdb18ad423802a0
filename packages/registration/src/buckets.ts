// SPDX-License-Identifier: Apache-2.0

const nothing: ReadonlySet<never> = new Set<never>();

/** Sets of things by key; an empty set takes no room. */
export class Buckets<T> {
  readonly #sets = new Map<string, Set<T>>();

  get(key: string): ReadonlySet<T> {
    return this.#sets.get(key) ?? nothing;
  }

  add(key: string, item: T): void {
    const set = this.#sets.get(key);
    if (set === undefined) this.#sets.set(key, new Set([item]));
    else set.add(item);
  }

  delete(key: string, item: T): void {
    const set = this.#sets.get(key);
    if (set?.delete(item) === true && set.size === 0) this.#sets.delete(key);
  }
}
