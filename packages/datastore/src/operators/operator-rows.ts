// SPDX-License-Identifier: Apache-2.0
import type { Operator, RoleGrant } from "@mayfly/tasks";
import type { Selectable } from "kysely";
import type { Connection } from "../sqlite/connection.ts";
import type { Schema } from "../sqlite/schema.ts";

type OperatorRow = Selectable<Schema["operators"]>;

function toOperator(row: OperatorRow): Operator {
  return {
    name: row.name,
    aliases: JSON.parse(row.aliases) as string[],
    spiffeIds: JSON.parse(row.spiffe_ids) as string[],
    keys: JSON.parse(row.keys) as string[],
    roles: JSON.parse(row.roles) as RoleGrant[],
    state: row.state as Operator["state"],
    revision: row.revision,
  };
}

export function toColumns(operator: Operator): OperatorRow {
  return {
    name: operator.name,
    aliases: JSON.stringify(operator.aliases),
    spiffe_ids: JSON.stringify(operator.spiffeIds),
    keys: JSON.stringify(operator.keys),
    roles: JSON.stringify(operator.roles),
    state: operator.state,
    revision: operator.revision,
  };
}

/** An operator by name. */
export function findOperator(db: Connection, name: string): Operator | undefined {
  const row = db.first(db.build.selectFrom("operators").selectAll().where("name", "=", name));
  return row === undefined ? undefined : toOperator(row);
}

/** All that were ever registered, by name. */
export function allOperators(db: Connection): readonly Operator[] {
  return db.all(db.build.selectFrom("operators").selectAll().orderBy("name")).map(toOperator);
}
