// SPDX-License-Identifier: Apache-2.0
import { findConflict, type Operator, type WriteOutcome } from "@mayfly/tasks";
import type { WriteTransaction } from "../sqlite/write-transaction.ts";
import { allOperators, findOperator, toColumns } from "./operator-rows.ts";

export function create(tx: WriteTransaction, operator: Operator): WriteOutcome<Operator> {
  const isTaken = findOperator(tx.db, operator.name) !== undefined;
  if (isTaken || findConflict(operator, allOperators(tx.db)) !== undefined) return { outcome: "conflict" };
  const value = { ...operator, revision: tx.takeRevision() };
  tx.db.run(tx.db.build.insertInto("operators").values(toColumns(value)));
  return { outcome: "written", value };
}

export function replace(tx: WriteTransaction, next: Operator): WriteOutcome<Operator> {
  const stored = findOperator(tx.db, next.name);
  if (stored?.revision !== next.revision || stored.state === "removed") return { outcome: "changed" };
  if (findConflict(next, allOperators(tx.db)) !== undefined) return { outcome: "conflict" };
  const value = { ...next, revision: tx.takeRevision() };
  tx.db.run(tx.db.build.updateTable("operators").set(toColumns(value)).where("name", "=", value.name));
  return { outcome: "written", value };
}
