// SPDX-License-Identifier: Apache-2.0
import type { EntryStore } from "@mayfly/registration";
import type {
  ApprovalStore,
  BudgetStore,
  GrantStore,
  OperatorStore,
  ProfileStore,
  TaskStore,
  TicketStore,
} from "@mayfly/tasks";

/** What a datastore offers for tasks. The entries are those that tasks' identities are written as. */
export interface TaskStores extends AsyncDisposable {
  readonly tasks: TaskStore;
  readonly tickets: TicketStore;
  readonly grants: GrantStore;
  readonly approvals: ApprovalStore;
  readonly budgets: BudgetStore;
  readonly profiles: ProfileStore;
  readonly operators: OperatorStore;
  readonly entries: Pick<EntryStore, "get">;
}

/** Opens empty stores of `contractTrustDomain`; each test opens its own and closes it. */
export type OpenTaskStores = () => Promise<TaskStores>;
