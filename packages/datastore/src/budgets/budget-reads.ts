// SPDX-License-Identifier: Apache-2.0
import { sql } from "kysely";
import type { Connection } from "../sqlite/connection.ts";

/** Calls of the task and its descendants, counted where they are stored. */
export function spent(
  db: Connection,
  taskId: string,
): readonly { readonly server: string; readonly tool: string; readonly calls: number }[] {
  const query = sql<{ server: string; tool: string; calls: number }>`
    with recursive below(id) as (
      select id from tasks where id = ${taskId} union select tasks.id from tasks join below on tasks.parent_id = below.id)
    select server, tool, count(*) as calls from calls where task_id in (select id from below)
    group by server, tool order by server, tool`;
  return db.all(db.raw(query));
}
