// SPDX-License-Identifier: Apache-2.0
import type { AccountName, AccountOrderKind, BackendAccount } from "@mayfly/tasks";
import type { Selectable } from "kysely";
import type { Connection } from "../sqlite/connection.ts";
import type { Schema } from "../sqlite/schema.ts";

type AccountRow = Selectable<Schema["unmanaged_accounts"]>;

function adoptionOf({ owner, expires_at: expires, adopted_by: by }: AccountRow): Pick<BackendAccount, "adoption"> {
  if (owner === null || expires === null) return {};
  return { adoption: { owner, expiresAt: new Date(expires), adoptedBy: by ?? "" } };
}

function orderOf(row: AccountRow): Pick<BackendAccount, "order"> {
  const { order_id: id, order_kind: kind, ordered_at: at, order_problem: problem } = row;
  if (id === null || kind === null || at === null) return {};
  const order = { id, kind: kind as AccountOrderKind, verifier: row.order_verifier ?? "", orderedAt: new Date(at) };
  return { order: { ...order, ...(problem !== null && { problem }) } };
}

export function toAccount(row: AccountRow): BackendAccount {
  return {
    target: row.target,
    account: row.account,
    ...(row.last_activity !== null && { lastActivityAt: new Date(row.last_activity) }),
    canLogIn: row.can_login === 1,
    isLegacy: row.legacy === 1,
    firstSeenAt: new Date(row.first_seen),
    lastSeenAt: new Date(row.last_seen),
    ...adoptionOf(row),
    ...(row.rotated_at !== null && { rotatedAt: new Date(row.rotated_at) }),
    ...orderOf(row),
  };
}

/** An account by its target and name. */
export function findAccount(db: Connection, { target, account }: AccountName): BackendAccount | undefined {
  const all = db.build.selectFrom("unmanaged_accounts").selectAll();
  const row = db.first(all.where("target", "=", target).where("account", "=", account));
  return row === undefined ? undefined : toAccount(row);
}
