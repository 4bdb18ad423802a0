// SPDX-License-Identifier: Apache-2.0
import type { Operator } from "@mayfly/tasks";
import type { Connection } from "../sqlite/connection.ts";
import { allOperators, findOperator } from "./operator-rows.ts";

export function get(db: Connection, name: string): Operator | undefined {
  return findOperator(db, name);
}

export function list(db: Connection, _all: null): readonly Operator[] {
  return allOperators(db);
}
