// SPDX-License-Identifier: Apache-2.0
import type { AgentProfile, CommittedHoldings, ProfileState, ProfileStore, WriteOutcome } from "@mayfly/tasks";
import type { StoreThread } from "../thread/store-thread.ts";

/** Agent profiles behind the database worker. Suspending and retiring go ahead of all other writes. */
export class SqliteProfileStore implements ProfileStore {
  readonly #thread: StoreThread;

  constructor(thread: StoreThread) {
    this.#thread = thread;
  }

  create(profile: AgentProfile): Promise<WriteOutcome<AgentProfile>> {
    return this.#thread.write("profiles", "create", profile);
  }

  get(name: string): Promise<AgentProfile | undefined> {
    return this.#thread.read("profiles", "get", name);
  }

  list(): Promise<readonly AgentProfile[]> {
    return this.#thread.read("profiles", "list", null);
  }

  replace(next: AgentProfile): Promise<WriteOutcome<AgentProfile>> {
    return this.#thread.write("profiles", "replace", next);
  }

  change(
    { name, revision }: AgentProfile,
    state: ProfileState,
    at: Date,
  ): Promise<WriteOutcome<{ readonly profile: AgentProfile; readonly changed: CommittedHoldings }>> {
    const change = { name, revision, state, at };
    if (state === "active") return this.#thread.write("profiles", "change", change);
    return this.#thread.writeFirst("profiles", "change", change);
  }
}
