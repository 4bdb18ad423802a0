// SPDX-License-Identifier: Apache-2.0

/** Decisions of a run: the same seed decides the same. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 1;
  }

  /** A whole number below `limit`. xorshift32. */
  below(limit: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % limit;
  }

  /** One of the items. */
  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError("nothing to pick from");
    const [item] = items.slice(this.below(items.length)) as [T, ...T[]];
    return item;
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }
}
