// SPDX-License-Identifier: Apache-2.0
import type { Approval, ApprovalState, ApprovalStore, CreateApprovalOutcome, ListPage, TaskId } from "@mayfly/tasks";
import type { StoreThread } from "../thread/store-thread.ts";

/** Approvals behind the database worker. */
export class SqliteApprovalStore implements ApprovalStore {
  readonly #thread: StoreThread;

  constructor(thread: StoreThread) {
    this.#thread = thread;
  }

  async create(approval: Approval): Promise<CreateApprovalOutcome> {
    if (approval.state !== "pending" || approval.votes.length > 0) throw new TypeError("a new approval is pending");
    return this.#thread.write("approvals", "create", approval);
  }

  get(id: string): Promise<Approval | undefined> {
    return this.#thread.read("approvals", "get", id);
  }

  list(
    filter: { readonly state?: ApprovalState | undefined; readonly taskId?: TaskId | undefined },
    page?: ListPage,
  ): Promise<readonly Approval[]> {
    return this.#thread.read("approvals", "list", { filter, page });
  }

  async replace(next: Approval): Promise<Approval | undefined> {
    if (next.state === "consumed") throw new TypeError("the use of an approval is written with its call");
    return this.#thread.write("approvals", "replace", next);
  }

  expire(now: Date): Promise<readonly Approval[]> {
    return this.#thread.write("approvals", "expire", now);
  }
}
