// SPDX-License-Identifier: Apache-2.0
import type { BudgetStore, CallClaim, TakeOutcome, TaskId } from "@mayfly/tasks";
import type { StoreThread } from "../thread/store-thread.ts";

/** Budgets behind the database worker. */
export class SqliteBudgetStore implements BudgetStore {
  readonly #thread: StoreThread;

  constructor(thread: StoreThread) {
    this.#thread = thread;
  }

  async take(claim: CallClaim): Promise<TakeOutcome> {
    if (claim.use !== undefined) {
      const { request, state, consumedBy } = claim.use.approval;
      const isThisCall = state === "consumed" && consumedBy === claim.callId && request.taskId === claim.taskId;
      if (!isThisCall) throw new TypeError("the approval's use is not by this call");
    }
    return this.#thread.write("budgets", "take", claim);
  }

  spent(
    taskId: TaskId,
  ): Promise<readonly { readonly server: string; readonly tool: string; readonly calls: number }[]> {
    return this.#thread.read("budgets", "spent", taskId);
  }
}
