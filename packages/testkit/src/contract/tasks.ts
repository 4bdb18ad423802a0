// SPDX-License-Identifier: Apache-2.0
import { approvalStoreContract } from "./approval-store.ts";
import { budgetStoreContract } from "./budget-store.ts";
import { grantStoreContract } from "./grant-store.ts";
import { operatorStoreContract } from "./operator-store.ts";
import { profileStoreContract } from "./profile-store.ts";
import { taskStoreContract } from "./task-store.ts";
import type { OpenTaskStores } from "./task-stores.ts";
import { ticketStoreContract } from "./ticket-store.ts";

/** All suites that the stores of tasks have to pass, whatever is below them. Call it inside a `describe` that names the implementation. */
export function taskStoresContract(open: OpenTaskStores): void {
  taskStoreContract(open);
  ticketStoreContract(open);
  grantStoreContract(open);
  approvalStoreContract(open);
  budgetStoreContract(open);
  profileStoreContract(open);
  operatorStoreContract(open);
}
