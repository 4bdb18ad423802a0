// SPDX-License-Identifier: Apache-2.0
import type { PrunedTasks, TaskId } from "@mayfly/tasks";
import { type RawBuilder, sql } from "kysely";
import type { Connection } from "../sqlite/connection.ts";
import type { WriteTransaction } from "../sqlite/write-transaction.ts";

/** More in one transaction don't make it faster. */
const maxTasks = 50;

/**
 * Deletes tasks that ended before an instant, with all that is told of them but the record. A parent goes after its children, and one with a
 * call whose outcome is not known stays. What has more rows than there is room for goes on the next time.
 */
export function prune(
  { db }: WriteTransaction,
  { endedBefore, maxRows }: { endedBefore: Date; maxRows: number },
): PrunedTasks {
  const pruned: TaskId[] = [];
  let left = maxRows;
  const due = dueTasks(db, endedBefore);
  for (const id of due) {
    for (const remove of removals) left -= left > 0 ? db.run(db.raw(remove(id, left))) : 0;
    if (left <= 0) break;
    left -= db.run(db.build.deleteFrom("tasks").where("id", "=", id));
    pruned.push(id);
  }
  return { tasks: pruned, isDone: due.length === 0 };
}

/** What refers to others before what it refers to. */
const removals: readonly ((task: string, most: number) => RawBuilder<unknown>)[] = [
  (task, most) => sql`delete from leases where id in
    (select leases.id from grants join leases on leases.id = grants.id where task_id = ${task} limit ${most})`,
  (task, most) =>
    sql`delete from calls where row_id in (select row_id from calls where task_id = ${task} limit ${most})`,
  (task, most) =>
    sql`delete from approvals where row_id in (select row_id from approvals where task_id = ${task} limit ${most})`,
  (task, most) =>
    sql`delete from grants where row_id in (select row_id from grants where task_id = ${task} limit ${most})`,
  (task) => sql`delete from budget_counters where task_id = ${task}`,
  (task) => sql`delete from tickets where task_id = ${task}`,
];

function dueTasks(db: Connection, endedBefore: Date): readonly TaskId[] {
  const query = sql<{ id: TaskId }>`select id from tasks
    where state = 'ended' and ended_at < ${endedBefore.getTime()}
    and not exists (select 1 from tasks as child where child.parent_id = tasks.id)
    and id not in (select task_id from calls indexed by calls_open where state = 'begun')
    order by ended_at limit ${maxTasks}`;
  return db.all(db.raw(query)).map(({ id }) => id);
}
