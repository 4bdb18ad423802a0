// SPDX-License-Identifier: Apache-2.0
import { sql } from "kysely";
import { OperationError } from "../sqlite/failure.ts";
import type { WriteTransaction } from "../sqlite/write-transaction.ts";

interface Batch {
  readonly authorityId: string;
  readonly batch: Uint8Array;
  readonly count: number;
}

export function append(tx: WriteTransaction, { authorityId, batch, count }: Batch): number {
  const next = sql<number>`(select coalesce(max(position), -1) + 1 from issuance_log where authority_id = ${authorityId})`;
  const query = tx.db.build
    .insertInto("issuance_log")
    .values({ authority_id: authorityId, position: next, batch, count })
    .returning("position");
  const row = tx.db.first(query);
  if (row === undefined) throw new OperationError("STORE_FAILED", "an insert gave no row");
  return row.position;
}
