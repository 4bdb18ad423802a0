// SPDX-License-Identifier: Apache-2.0
import type {
  BeginLeaseOutcome,
  Lease,
  LeaseReport,
  LeaseState,
  LeaseStore,
  ListPage,
  NewLease,
  TaskId,
  UnmanagedAccount,
} from "@mayfly/tasks";
import type { StoreThread } from "../thread/store-thread.ts";

/** Leases behind the database worker. */
export class SqliteLeaseStore implements LeaseStore {
  readonly #thread: StoreThread;

  constructor(thread: StoreThread) {
    this.#thread = thread;
  }

  begin(lease: NewLease): Promise<BeginLeaseOutcome> {
    return this.#thread.write("leases", "begin", lease);
  }

  get(id: string): Promise<Lease | undefined> {
    return this.#thread.read("leases", "get", id);
  }

  list(
    filter: {
      readonly taskId?: TaskId | undefined;
      readonly guard?: string | undefined;
      readonly states?: readonly LeaseState[] | undefined;
    },
    page?: ListPage,
  ): Promise<readonly Lease[]> {
    return this.#thread.read("leases", "list", { filter, page });
  }

  report(id: string, report: LeaseReport): Promise<Lease> {
    if (report.state === "revoking") return this.#thread.writeFirst("leases", "report", { id, report });
    return this.#thread.write("leases", "report", { id, report });
  }

  async reportUnmanaged(
    target: string,
    accounts: readonly Omit<UnmanagedAccount, "target" | "firstSeenAt" | "lastSeenAt">[],
    at: Date,
  ): Promise<void> {
    await this.#thread.write("leases", "reportUnmanaged", { target, accounts, at });
  }

  unmanaged(): Promise<readonly UnmanagedAccount[]> {
    return this.#thread.read("leases", "unmanaged", null);
  }
}
