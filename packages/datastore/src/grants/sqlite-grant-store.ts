// SPDX-License-Identifier: Apache-2.0
import type { Evidence, Grant, GrantStore, OpenGrantOutcome, TaskId } from "@mayfly/tasks";
import type { StoreThread } from "../thread/store-thread.ts";

/** Grants behind the database worker. */
export class SqliteGrantStore implements GrantStore {
  readonly #thread: StoreThread;

  constructor(thread: StoreThread) {
    this.#thread = thread;
  }

  open(grant: Grant, at: Date): Promise<OpenGrantOutcome> {
    return this.#thread.write("grants", "open", { grant, at });
  }

  get(id: string): Promise<Grant | undefined> {
    return this.#thread.read("grants", "get", id);
  }

  list(taskIds: readonly TaskId[]): Promise<readonly Grant[]> {
    return this.#thread.read("grants", "list", taskIds);
  }

  listOf(guard: string): Promise<readonly Grant[]> {
    return this.#thread.read("grants", "listOf", guard);
  }

  extend(id: string, notAfter: Date, at: Date): Promise<Grant> {
    return this.#thread.write("grants", "step", { id, event: { event: "extend", notAfter, at } });
  }

  end(id: string): Promise<Grant> {
    return this.#thread.writeFirst("grants", "step", { id, event: { event: "end" } });
  }

  prove(id: string, evidence: Evidence): Promise<Grant> {
    return this.#thread.write("grants", "step", { id, event: { event: "prove", evidence } });
  }

  resist(id: string, problem: string): Promise<Grant> {
    return this.#thread.write("grants", "step", { id, event: { event: "resist", problem } });
  }
}
