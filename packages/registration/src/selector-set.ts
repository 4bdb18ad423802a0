// SPDX-License-Identifier: Apache-2.0
import type { Selector } from "./selector.ts";

/** Order by type, then value, as strings compare. Negative when `a` comes first. */
export function compareSelectors(a: Selector, b: Selector): number {
  return compare(a.type, b.type) || compare(a.value, b.value);
}

/** Immutable set of selectors, sorted by type and value, without duplicates. Values are compared whole and never as patterns. */
export class SelectorSet implements Iterable<Selector> {
  readonly #valuesByType: ReadonlyMap<string, ReadonlySet<string>>;
  #sorted: readonly Selector[] | undefined;

  private constructor(valuesByType: ReadonlyMap<string, ReadonlySet<string>>) {
    this.#valuesByType = valuesByType;
  }

  static of(selectors: Iterable<Selector>): SelectorSet {
    const valuesByType = new Map<string, Set<string>>();
    for (const { type, value } of selectors) {
      const values = valuesByType.get(type);
      if (values === undefined) valuesByType.set(type, new Set([value]));
      else values.add(value);
    }
    return new SelectorSet(valuesByType);
  }

  get size(): number {
    let size = 0;
    for (const values of this.#valuesByType.values()) size += values.size;
    return size;
  }

  has({ type, value }: Selector): boolean {
    return this.#valuesByType.get(type)?.has(value) ?? false;
  }

  /** Whether this set holds all of `selectors`. Of an empty list it does: `fulfills` is what decides on identities. */
  isSupersetOf(selectors: Iterable<Selector>): boolean {
    for (const selector of selectors) if (!this.has(selector)) return false;
    return true;
  }

  /** The subset rule: at least one selector is demanded, and this set holds all of them. */
  fulfills(demanded: readonly Selector[]): boolean {
    return demanded.length > 0 && this.isSupersetOf(demanded);
  }

  equals(other: SelectorSet): boolean {
    return this.size === other.size && this.isSupersetOf(other);
  }

  /** Those of `selectors` that are not in this set, each once, sorted. */
  missing(selectors: Iterable<Selector>): readonly Selector[] {
    return [...SelectorSet.of(selectors)].filter((selector) => !this.has(selector));
  }

  [Symbol.iterator](): IterableIterator<Selector> {
    this.#sorted ??= [...this.#valuesByType]
      .flatMap(([type, values]) => [...values].map((value) => ({ type, value })))
      .toSorted(compareSelectors);
    return this.#sorted[Symbol.iterator]();
  }
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
