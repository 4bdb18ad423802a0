// SPDX-License-Identifier: Apache-2.0
import { Buckets } from "./buckets.ts";
import { isNodeAlias } from "./entry-rules.ts";
import type { RegistrationEntry } from "./registration-entry.ts";
import { formatSelector, type Selector } from "./selector.ts";
import { SelectorSet } from "./selector-set.ts";

/** Registration entries in memory, found by id, parent, SPIFFE ID, and aliases by the node selectors that they demand. Each change costs the same however many entries there are. */
export class EntryIndex {
  readonly #entries = new Map<string, RegistrationEntry>();
  readonly #children = new Buckets<RegistrationEntry>();
  readonly #bySpiffeId = new Buckets<RegistrationEntry>();
  /** Each alias under one of its selectors: it can't match a node that lacks this one. */
  readonly #aliases = new Buckets<RegistrationEntry>();
  readonly #aliasKeys = new Map<string, string>();

  constructor(entries: Iterable<RegistrationEntry> = []) {
    for (const entry of entries) this.set(entry);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Every entry, in no particular order. */
  [Symbol.iterator](): IterableIterator<RegistrationEntry> {
    return this.#entries.values();
  }

  get(id: string): RegistrationEntry | undefined {
    return this.#entries.get(id);
  }

  /** Entries that name this SPIFFE ID, whatever their parent; aliases too. */
  bySpiffeId(spiffeId: string): readonly RegistrationEntry[] {
    return [...this.#bySpiffeId.get(spiffeId)];
  }

  /** Entries directly under this parent, without aliases. */
  childrenOf(parentId: string): Iterable<RegistrationEntry> {
    return this.#children.get(parentId);
  }

  /** Aliases that a node with these selectors fulfills. */
  aliasesFor(nodeSelectors: readonly Selector[]): readonly RegistrationEntry[] {
    const set = SelectorSet.of(nodeSelectors);
    return [...set].flatMap((selector) =>
      [...this.#aliases.get(formatSelector(selector))].filter((alias) => set.fulfills(alias.selectors)),
    );
  }

  /** Adds the entry or replaces the one of the same id, which is returned. */
  set(entry: RegistrationEntry): RegistrationEntry | undefined {
    const before = this.delete(entry.id);
    this.#entries.set(entry.id, entry);
    this.#bySpiffeId.add(entry.spiffeId, entry);
    if (isNodeAlias(entry)) this.#addAlias(entry);
    else this.#children.add(entry.parentId, entry);
    return before;
  }

  /** Takes the entry out and returns it; undefined when there is none. */
  delete(id: string): RegistrationEntry | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined) return undefined;
    this.#entries.delete(id);
    this.#bySpiffeId.delete(entry.spiffeId, entry);
    this.#children.delete(entry.parentId, entry);
    const aliasKey = this.#aliasKeys.get(id);
    if (aliasKey !== undefined) this.#aliases.delete(aliasKey, entry);
    this.#aliasKeys.delete(id);
    return entry;
  }

  /** Under the selector that is rarest among aliases so far, so that no bucket holds them all. */
  #addAlias(entry: RegistrationEntry): void {
    const keys = entry.selectors.map(formatSelector);
    const [first] = keys;
    if (first === undefined) return;
    const rarest = keys.reduce(
      (best, key) => (this.#aliases.get(key).size < this.#aliases.get(best).size ? key : best),
      first,
    );
    this.#aliases.add(rarest, entry);
    this.#aliasKeys.set(entry.id, rarest);
  }
}
