// SPDX-License-Identifier: Apache-2.0
import type { Grant } from "@mayfly/tasks";
import { sql } from "kysely";
import type { Connection } from "../sqlite/connection.ts";
import { findGrantsOf, toGrant } from "./grant-rows.ts";
import { findGrant } from "./step-grant.ts";

export function get(db: Connection, id: string): Grant | undefined {
  return findGrant(db, id);
}

export function list(db: Connection, taskIds: readonly string[]): readonly Grant[] {
  return findGrantsOf(db, taskIds);
}

export function listOf(db: Connection, guard: string): readonly Grant[] {
  const query = db.build.selectFrom("grants").selectAll().where("guard", "=", guard);
  return db.all(query.where("state", "<>", sql.lit("gone")).orderBy("row_id")).map(toGrant);
}
