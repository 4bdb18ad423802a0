// SPDX-License-Identifier: Apache-2.0
import type { Task, TaskFilter } from "@mayfly/tasks";
import { sql } from "kysely";
import type { Connection } from "../sqlite/connection.ts";
import { findSubtrees, findTask } from "./find-tasks.ts";
import { toTasks } from "./task-rows.ts";

export function get(db: Connection, id: string): Task | undefined {
  return findTask(db, id);
}

export function subtree(db: Connection, id: string): readonly Task[] {
  return findSubtrees(db, [id]);
}

export function lineage(db: Connection, id: string): readonly Task[] {
  const query = db.build
    .withRecursive("above(id, parent_id)", (build) =>
      build
        .selectFrom("tasks")
        .select(["id", "parent_id"])
        .where("id", "=", id)
        .union(
          build
            .selectFrom("tasks")
            .innerJoin("above", "above.parent_id", "tasks.id")
            .select(["tasks.id", "tasks.parent_id"]),
        ),
    )
    .selectFrom("tasks")
    .selectAll("tasks")
    .where("id", "in", (build) => build.selectFrom("above").select("above.id"))
    .orderBy("depth", "desc");
  return toTasks(db.all(query));
}

export function list(
  db: Connection,
  { filter, limit, after }: { filter: TaskFilter; limit: number; after: string | undefined },
): readonly Task[] {
  const { agent, owner, states, dueAt } = filter;
  let query = db.build.selectFrom("tasks").selectAll().limit(limit);
  if (agent !== undefined) query = query.where("agent", "=", agent);
  if (owner !== undefined) query = query.where("owner", "=", owner);
  if (states !== undefined) query = query.where("state", "in", states);
  // Written out, and sorted by an expression, so that what is due is found by the index of what has not ended.
  if (states?.includes("ended") === false) query = query.where("state", "<>", sql.lit("ended"));
  if (dueAt !== undefined) query = query.where("not_after", "<=", dueAt.getTime());
  if (after !== undefined) {
    query = query.where("row_id", ">", sql<number>`(select row_id from tasks where id = ${after})`);
  }
  const ordered = dueAt === undefined ? query.orderBy("row_id") : query.orderBy(sql`+row_id`);
  return toTasks(db.all(ordered));
}
