// SPDX-License-Identifier: Apache-2.0
import type { Task } from "@mayfly/tasks";
import { sql } from "kysely";
import type { Connection } from "../sqlite/connection.ts";
import { toTasks } from "./task-rows.ts";

/** A task by its id. */
export function findTask(db: Connection, id: string): Task | undefined {
  return toTasks(db.all(db.build.selectFrom("tasks").selectAll().where("id", "=", id)))[0];
}

/** The tasks with these ids and all of their descendants, each once, parents before children: a child is never the older one. */
export function findSubtrees(db: Connection, ids: readonly string[]): readonly Task[] {
  const query = db.build
    .withRecursive("below(id)", (build) =>
      build
        .selectFrom("tasks")
        .select("id")
        .where("id", "in", sql<string>`(select value from json_each(${JSON.stringify(ids)}))`)
        .union(build.selectFrom("tasks").innerJoin("below", "below.id", "tasks.parent_id").select("tasks.id")),
    )
    .selectFrom("tasks")
    .selectAll("tasks")
    .where("id", "in", (build) => build.selectFrom("below").select("below.id"))
    .orderBy("row_id");
  return toTasks(db.all(query));
}

/** Whether a task is active and before its end. `at` in Unix milliseconds. */
export function isAlive(db: Connection, id: string, at: number): boolean {
  const query = db.build
    .selectFrom("tasks")
    .select("row_id")
    .where("id", "=", id)
    .where("state", "=", "active")
    .where("not_after", ">", at);
  return db.first(query) !== undefined;
}
