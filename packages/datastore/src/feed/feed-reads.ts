// SPDX-License-Identifier: Apache-2.0
import type { Connection } from "../sqlite/connection.ts";
import { OperationError } from "../sqlite/failure.ts";

export function revision(db: Connection, _all: null): number {
  const row = db.first(db.build.selectFrom("revision").select("n").where("id", "=", 1));
  if (row === undefined) throw new OperationError("STORE_CORRUPT", "the revision counter is missing");
  return row.n;
}
