// SPDX-License-Identifier: Apache-2.0
import type { AttestedNode } from "./attested-node.ts";
import { Buckets } from "./buckets.ts";
import { formatSelector, type Selector } from "./selector.ts";
import { SelectorSet } from "./selector-set.ts";

/** Attested nodes in memory, found by id and by selectors. */
export class NodeIndex {
  readonly #nodes = new Map<string, { readonly node: AttestedNode; readonly selectors: SelectorSet }>();
  readonly #bySelector = new Buckets<string>();

  constructor(nodes: Iterable<AttestedNode> = []) {
    for (const node of nodes) this.set(node);
  }

  get size(): number {
    return this.#nodes.size;
  }

  *[Symbol.iterator](): IterableIterator<AttestedNode> {
    for (const { node } of this.#nodes.values()) yield node;
  }

  get(id: string): AttestedNode | undefined {
    return this.#nodes.get(id)?.node;
  }

  /** Adds the node or replaces the one of the same id. */
  set(node: AttestedNode): void {
    this.delete(node.id);
    const selectors = SelectorSet.of(node.selectors);
    this.#nodes.set(node.id, { node, selectors });
    for (const selector of selectors) this.#bySelector.add(formatSelector(selector), node.id);
  }

  /** False when there is none. */
  delete(id: string): boolean {
    const known = this.#nodes.get(id);
    if (known === undefined) return false;
    for (const selector of known.selectors) this.#bySelector.delete(formatSelector(selector), id);
    return this.#nodes.delete(id);
  }

  /** Ids of the nodes that fulfill all of `demanded`; none for an empty list. */
  fulfilling(demanded: readonly Selector[]): readonly string[] {
    const candidates = demanded.map((selector) => this.#bySelector.get(formatSelector(selector)));
    const [first, ...rest] = candidates.toSorted((a, b) => a.size - b.size);
    return first === undefined ? [] : [...first].filter((id) => rest.every((set) => set.has(id)));
  }
}
