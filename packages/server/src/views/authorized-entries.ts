// SPDX-License-Identifier: Apache-2.0
import {
  agentsConcerned,
  type AttestedNode,
  authorizedSet,
  type EntryStore,
  isExpired,
  type RegistrationEntry,
} from "@mayfly/registration";
import type { Clock } from "../clock.ts";
import type { LiveViews } from "./live-views.ts";

/** Entries by id. */
export type EntrySet = ReadonlyMap<string, RegistrationEntry>;

/** Which entries an agent may serve: the one function behind both wires. */
export class AuthorizedEntries {
  readonly #views: LiveViews;
  readonly #entries: EntryStore;
  readonly #clock: Clock;
  /** By the node as it is: another record is another key. */
  readonly #cache = new WeakMap<AttestedNode, EntrySet>();

  constructor(deps: { views: LiveViews; entries: EntryStore; clock: Clock }) {
    this.#views = deps.views;
    this.#entries = deps.entries;
    this.#clock = deps.clock;
    deps.views.onChange((change, before) => {
      if (change.kind !== "entry") return;
      for (const entry of [change.entry, before]) if (entry !== undefined) this.#forget(entry);
    });
  }

  of(node: AttestedNode): EntrySet {
    const known = this.#cache.get(node);
    if (known !== undefined) return known;
    const set = authorizedSet(this.#views.index, node);
    this.#cache.set(node, set);
    return set;
  }

  /** The agent's set, once memory is proven to be as new as the store. @throws {StatusError} UNAVAILABLE */
  async current(node: AttestedNode): Promise<EntrySet> {
    await this.#views.proveFresh();
    return this.of(node);
  }

  /** One entry of the agent's set. Before it says no it reads the store. @throws when the store can't be read */
  async find(node: AttestedNode, entryId: string): Promise<RegistrationEntry | undefined> {
    const known = this.#views.isFresh() ? this.of(node).get(entryId) : undefined;
    if (known !== undefined) return known;
    const stored = entryId === "" ? undefined : await this.#entries.get(entryId);
    if (stored === undefined || isExpired(stored, this.#clock.now())) return undefined;
    if (this.#views.entry(entryId)?.revisionNumber !== stored.revisionNumber) this.#views.takeIn(stored);
    return this.of(node).get(entryId);
  }

  #forget(entry: RegistrationEntry): void {
    const { index, nodes } = this.#views;
    for (const id of agentsConcerned(index, nodes, entry)) {
      const node = nodes.get(id);
      if (node !== undefined) this.#cache.delete(node);
    }
  }
}
