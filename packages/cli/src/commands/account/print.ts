// SPDX-License-Identifier: Apache-2.0
import type { AccountMessage } from "@mayfly/rpc";
import { instantJson, instantText } from "../../instants.ts";
import { printTable } from "../../output.ts";

/** Stable JSON form of an account that no lease explains. There is no secret in it. */
export function accountJson(account: AccountMessage): Record<string, unknown> {
  return {
    target: account.target,
    account: account.account,
    can_login: account.can_login,
    legacy: account.legacy,
    owner: account.owner === "" ? null : account.owner,
    adopted_by: account.adopted_by === "" ? null : account.adopted_by,
    expires_at: instantJson(account.expires_at_ms),
    first_seen: instantJson(account.first_seen_ms),
    last_seen: instantJson(account.last_seen_ms),
    last_activity: instantJson(account.last_activity_ms),
    rotated_at: instantJson(account.rotated_at_ms),
    order: account.order === "" ? null : account.order,
    order_problem: account.order_problem === "" ? null : account.order_problem,
    alarms: account.alarms,
  };
}

function ownerText({ owner, legacy }: AccountMessage): string {
  if (owner !== "") return owner;
  return legacy ? "(broker's configuration)" : "nobody";
}

/** Accounts as a table. */
export function printAccounts(accounts: readonly AccountMessage[]): void {
  printTable(
    ["ACCOUNT", "OWNER", "EXPIRES", "LOG IN", "LAST ACTIVITY", "FIRST SEEN", "PASSWORD", "ORDER", "ALARMS"],
    accounts.map((each) => [
      `${each.target}/${each.account}`,
      ownerText(each),
      instantText(each.expires_at_ms),
      each.can_login ? "yes" : "no",
      instantText(each.last_activity_ms) || "not known",
      instantText(each.first_seen_ms),
      instantText(each.rotated_at_ms) || "not known",
      each.order,
      each.alarms.join(" "),
    ]),
  );
}
