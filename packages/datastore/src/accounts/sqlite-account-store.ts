// SPDX-License-Identifier: Apache-2.0
import type { AccountName, AccountOrder, AccountStore, Adoption, BackendAccount, OrderOutcome } from "@mayfly/tasks";
import type { StoreThread } from "../thread/store-thread.ts";

/** Accounts that no lease explains, behind the database worker. */
export class SqliteAccountStore implements AccountStore {
  readonly #thread: StoreThread;

  constructor(thread: StoreThread) {
    this.#thread = thread;
  }

  get(name: AccountName): Promise<BackendAccount | undefined> {
    return this.#thread.read("accounts", "get", name);
  }

  list(filter: { readonly target?: string | undefined }): Promise<readonly BackendAccount[]> {
    return this.#thread.read("accounts", "list", filter);
  }

  adopt(name: AccountName, adoption: Adoption): Promise<BackendAccount | undefined> {
    return this.#thread.write("accounts", "adopt", { name, adoption });
  }

  order(name: AccountName, order: AccountOrder): Promise<BackendAccount | undefined> {
    return this.#thread.write("accounts", "order", { name, order });
  }

  finishOrder(name: AccountName, id: string, outcome: OrderOutcome): Promise<BackendAccount | undefined> {
    return this.#thread.write("accounts", "finishOrder", { name, id, outcome });
  }
}
