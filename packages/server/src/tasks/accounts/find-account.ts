// SPDX-License-Identifier: Apache-2.0
import { status } from "@grpc/grpc-js";
import type { AccountName, BackendAccount } from "@mayfly/tasks";
import { type Actor, mayAdministerAll, notAllowed } from "../callers/actor.ts";
import { taskRefusal } from "../refusal.ts";
import type { TaskLayer } from "../task-layer.ts";

/** Accounts are of no agent: whoever administers all agents looks after them. @throws {StatusError} PERMISSION_DENIED, code NOT_ALLOWED */
export function requireAccountAdmin(actor: Actor): void {
  if (!mayAdministerAll(actor)) throw notAllowed(`${actor.name} does not have the role admin over all agents`);
}

/** That there is no such account, or none any more. */
export function accountUnknown({ target, account }: AccountName): Error {
  return taskRefusal(status.NOT_FOUND, {
    code: "ACCOUNT_UNKNOWN",
    message: `no broker reports an account ${JSON.stringify(account)} at ${JSON.stringify(target)}`,
    hint: "mayfly account list shows the accounts there are",
  });
}

/** @throws {StatusError} NOT_FOUND, code ACCOUNT_UNKNOWN */
export async function requireAccount({ stores }: TaskLayer, name: AccountName): Promise<BackendAccount> {
  const found = await stores.accounts.get(name);
  if (found === undefined) throw accountUnknown(name);
  return found;
}
