// SPDX-License-Identifier: Apache-2.0
import type { RedeemOutcome, Ticket } from "@mayfly/tasks";
import type { WriteTransaction } from "../sqlite/write-transaction.ts";
import { findTask, isAlive } from "../tasks/find-tasks.ts";

/** False when the hash is there, spent or not. */
export function create({ db }: WriteTransaction, { hash, taskId, expiresAt }: Ticket): boolean {
  const columns = { hash, task_id: taskId, expires_at: expiresAt.getTime(), shown_by: null, shown_at: null };
  const insert = db.build.insertInto("tickets").values(columns);
  return db.run(insert.onConflict((conflict) => conflict.column("hash").doNothing())) === 1;
}

/** One statement spends it, whatever comes of it: of many that come at once, one finds it unspent. */
export function redeem(
  { db }: WriteTransaction,
  { hash, by, now }: { hash: string; by: string; now: Date },
): RedeemOutcome {
  const spend = db.build
    .updateTable("tickets")
    .set({ shown_by: by, shown_at: now.getTime() })
    .where("hash", "=", hash)
    .where("shown_at", "is", null)
    .returning(["task_id", "expires_at"]);
  const ticket = db.first(spend);
  const isGood =
    ticket !== undefined && now.getTime() < ticket.expires_at && isAlive(db, ticket.task_id, now.getTime());
  const task = isGood ? findTask(db, ticket.task_id) : undefined;
  return task === undefined ? { outcome: "refused" } : { outcome: "redeemed", task };
}

/** Spent or not. How many there were. */
export function prune({ db }: WriteTransaction, now: Date): number {
  return db.run(db.build.deleteFrom("tickets").where("expires_at", "<=", now.getTime()));
}
