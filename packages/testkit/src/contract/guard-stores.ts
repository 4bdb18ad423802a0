// SPDX-License-Identifier: Apache-2.0
import type { AccountStore, CallStore, LeaseStore, Task, ToolStore } from "@mayfly/tasks";
import { now } from "./samples.ts";
import { expectOutcome, storedProfile, storedTask } from "./task-samples.ts";
import type { TaskStores } from "./task-stores.ts";

/** What a datastore offers for what gateways and brokers do. */
export interface GuardStores extends TaskStores {
  readonly tools: ToolStore;
  readonly calls: CallStore;
  readonly leases: LeaseStore;
  readonly accounts: AccountStore;
}

/** Opens empty stores of `contractTrustDomain`; each test opens its own and closes it. */
export type OpenGuardStores = () => Promise<GuardStores>;

/** SPIFFE ID of the gateway that the samples' calls are made by. */
export const gateway = "spiffe://example.org/gateway";

/** A stored task with a call that was taken. */
export async function begunCall(
  stores: GuardStores,
  callId: string,
  task?: Task,
): Promise<{ readonly task: Task; readonly callId: string }> {
  const own = task ?? (await storedTask(stores, await storedProfile(stores))).task;
  const claim = { callId, taskId: own.id, taskRevision: own.revision, server: "orders", tool: "query", guard: gateway };
  expectOutcome(await stores.budgets.take({ ...claim, counters: [], at: now }), "taken");
  return { task: own, callId };
}
