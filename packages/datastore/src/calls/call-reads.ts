// SPDX-License-Identifier: Apache-2.0
import type { Call } from "@mayfly/tasks";
import { sql } from "kysely";
import type { Connection } from "../sqlite/connection.ts";
import { toCall } from "./call-rows.ts";

export function get(db: Connection, id: string): Call | undefined {
  const row = db.first(db.build.selectFrom("calls").selectAll().where("id", "=", id));
  return row === undefined ? undefined : toCall(row);
}

export function openOf(db: Connection, guard: string): readonly Call[] {
  const query = db.build.selectFrom("calls").selectAll().where("guard", "=", guard);
  return db.all(query.where("state", "=", sql.lit("begun")).orderBy("row_id")).map(toCall);
}

export function openGuards(db: Connection, _all: null): readonly string[] {
  const query = db.build.selectFrom("calls").select("guard").distinct().where("state", "=", sql.lit("begun"));
  return db.all(query.orderBy("guard")).map(({ guard }) => guard);
}

export function list(db: Connection, taskId: string): readonly Call[] {
  return db.all(db.build.selectFrom("calls").selectAll().where("task_id", "=", taskId).orderBy("row_id")).map(toCall);
}
