// SPDX-License-Identifier: Apache-2.0
import { accountStoreContract } from "./account-store.ts";
import { callStoreContract } from "./call-store.ts";
import type { OpenGuardStores } from "./guard-stores.ts";
import { leaseStoreContract } from "./lease-store.ts";
import { taskPruningContract } from "./task-pruning.ts";
import { toolStoreContract } from "./tool-store.ts";

/** All suites that the stores of guards have to pass. Call it inside a `describe` that names the implementation. */
export function guardStoresContract(open: OpenGuardStores): void {
  toolStoreContract(open);
  callStoreContract(open);
  leaseStoreContract(open);
  accountStoreContract(open);
  taskPruningContract(open);
}
