// SPDX-License-Identifier: Apache-2.0
import type { Operator, OperatorStore, WriteOutcome } from "@mayfly/tasks";
import type { StoreThread } from "../thread/store-thread.ts";

/** Operators behind the database worker. */
export class SqliteOperatorStore implements OperatorStore {
  readonly #thread: StoreThread;

  constructor(thread: StoreThread) {
    this.#thread = thread;
  }

  create(operator: Operator): Promise<WriteOutcome<Operator>> {
    return this.#thread.write("operators", "create", operator);
  }

  get(name: string): Promise<Operator | undefined> {
    return this.#thread.read("operators", "get", name);
  }

  list(): Promise<readonly Operator[]> {
    return this.#thread.read("operators", "list", null);
  }

  replace(next: Operator): Promise<WriteOutcome<Operator>> {
    return this.#thread.write("operators", "replace", next);
  }
}
