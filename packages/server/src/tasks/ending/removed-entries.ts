// SPDX-License-Identifier: Apache-2.0
import { agentsConcerned } from "@mayfly/registration";
import { isTaskId } from "@mayfly/tasks";
import type { LiveViews } from "../../views/live-views.ts";

/** An entry of a task that is gone from the store. */
export interface RemovedEntry {
  /** Ms of the monotonic clock. */
  readonly at: number;
  /** Agents that could serve it. */
  readonly agents: ReadonlySet<string>;
}

/** Remembers which agents could serve the entries of tasks when they went. */
export class RemovedEntries implements Disposable {
  readonly #views: LiveViews;
  readonly #removed = new Map<string, RemovedEntry>();
  readonly #unsubscribe: () => void;

  constructor(views: LiveViews) {
    this.#views = views;
    this.#unsubscribe = views.onChange((change, before) => {
      if (change.kind !== "entry" || !isTaskId(change.id)) return;
      if (change.entry !== undefined) this.#removed.delete(change.id);
      else if (before !== undefined) {
        const agents = agentsConcerned(views.index, views.nodes, before);
        this.#removed.set(change.id, { at: performance.now(), agents });
      }
    });
  }

  /** Of an entry that went before the server started, all agents count. */
  get(entryId: string): RemovedEntry {
    const agents = (): ReadonlySet<string> => new Set([...this.#views.nodes].map(({ id }) => id));
    return this.#removed.get(entryId) ?? { at: 0, agents: agents() };
  }

  forget(entryId: string): void {
    this.#removed.delete(entryId);
  }

  [Symbol.dispose](): void {
    this.#unsubscribe();
  }
}
