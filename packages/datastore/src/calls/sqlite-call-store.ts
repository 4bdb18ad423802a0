// SPDX-License-Identifier: Apache-2.0
import type { Call, CallOutcome, CallStore, TaskId } from "@mayfly/tasks";
import type { StoreThread } from "../thread/store-thread.ts";

/** Calls behind the database worker. */
export class SqliteCallStore implements CallStore {
  readonly #thread: StoreThread;

  constructor(thread: StoreThread) {
    this.#thread = thread;
  }

  get(id: string): Promise<Call | undefined> {
    return this.#thread.read("calls", "get", id);
  }

  finish(id: string, outcome: CallOutcome): Promise<Call | undefined> {
    return this.#thread.write("calls", "finish", { id, outcome });
  }

  openOf(guard: string): Promise<readonly Call[]> {
    return this.#thread.read("calls", "openOf", guard);
  }

  openGuards(): Promise<readonly string[]> {
    return this.#thread.read("calls", "openGuards", null);
  }

  list(taskId: TaskId): Promise<readonly Call[]> {
    return this.#thread.read("calls", "list", taskId);
  }
}
