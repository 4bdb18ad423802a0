// SPDX-License-Identifier: Apache-2.0
import type { CommittedChanges, RevisionFeed } from "@mayfly/registration";

/** The feed of a store that only this process writes to: what it commits is all there is. */
export class LocalRevisionFeed implements RevisionFeed {
  readonly #listeners = new Set<(committed: CommittedChanges) => void>();
  readonly #readRevision: () => Promise<number>;

  constructor(readRevision: () => Promise<number>) {
    this.#readRevision = readRevision;
  }

  revision(): Promise<number> {
    return this.#readRevision();
  }

  subscribe(listener: (committed: CommittedChanges) => void): () => void {
    // Its own function, so that a listener given twice is called twice and unsubscribed one by one.
    const own = (committed: CommittedChanges): void => {
      listener(committed);
    };
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  /** Tells all listeners, one after the other. */
  publish(committed: CommittedChanges): void {
    for (const listener of this.#listeners) listener(committed);
  }
}
