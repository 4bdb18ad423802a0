// SPDX-License-Identifier: Apache-2.0
import type { Call, CallOutcome } from "@mayfly/tasks";
import type { WriteTransaction } from "../sqlite/write-transaction.ts";
import { get } from "./call-reads.ts";

/** The first outcome stays. */
export function finish(
  { db }: WriteTransaction,
  { id, outcome }: { id: string; outcome: CallOutcome },
): Call | undefined {
  const { state, detail, at } = outcome;
  const query = db.build
    .updateTable("calls")
    .set({ state, detail, finished_at: at.getTime() })
    .where("id", "=", id)
    .where("state", "=", "begun");
  db.run(query);
  return get(db, id);
}
