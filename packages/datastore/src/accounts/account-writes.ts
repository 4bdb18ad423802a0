// SPDX-License-Identifier: Apache-2.0
import type { AccountName, AccountOrder, Adoption, BackendAccount, OrderOutcome } from "@mayfly/tasks";
import type { Updateable } from "kysely";
import type { Schema } from "../sqlite/schema.ts";
import type { WriteTransaction } from "../sqlite/write-transaction.ts";
import { findAccount } from "./account-rows.ts";

const noOrder = { order_id: null, order_kind: null, order_verifier: null, ordered_at: null, order_problem: null };

function change(
  { db }: WriteTransaction,
  name: AccountName,
  columns: Updateable<Schema["unmanaged_accounts"]>,
): BackendAccount | undefined {
  const update = db.build.updateTable("unmanaged_accounts").set(columns);
  db.run(update.where("target", "=", name.target).where("account", "=", name.account));
  return findAccount(db, name);
}

export function adopt(
  tx: WriteTransaction,
  { name, adoption }: { name: AccountName; adoption: Adoption },
): BackendAccount | undefined {
  const { owner, expiresAt, adoptedBy } = adoption;
  return change(tx, name, { owner, expires_at: expiresAt.getTime(), adopted_by: adoptedBy });
}

export function order(
  tx: WriteTransaction,
  { name, order: { id, kind, verifier, orderedAt } }: { name: AccountName; order: AccountOrder },
): BackendAccount | undefined {
  const asked = { order_id: id, order_kind: kind, order_verifier: verifier, ordered_at: orderedAt.getTime() };
  return change(tx, name, { ...noOrder, ...asked });
}

/** Of an order that was replaced meanwhile nothing is told. */
export function finishOrder(
  tx: WriteTransaction,
  { name, id, outcome }: { name: AccountName; id: string; outcome: OrderOutcome },
): BackendAccount | undefined {
  const found = findAccount(tx.db, name);
  if (found?.order?.id !== id) return undefined;
  if ("problem" in outcome) return change(tx, name, { order_problem: outcome.problem });
  const isRotated = found.order.kind === "rotate";
  return change(tx, name, { ...noOrder, ...(isRotated && { rotated_at: outcome.doneAt.getTime() }) });
}
