// SPDX-License-Identifier: Apache-2.0
import type { NewEntry } from "@mayfly/registration";
import type { Task } from "@mayfly/tasks";
import { sql } from "kysely";
import { create as createEntry } from "../entries/entry-writes.ts";
import { OperationError } from "../sqlite/failure.ts";
import type { WriteTransaction } from "../sqlite/write-transaction.ts";
import { unixSeconds } from "../unix-seconds.ts";

/** Stores what can change of tasks, in one statement: an end may have thousands. `at`: when those end that end. */
export function writeTasks({ db }: WriteTransaction, tasks: readonly Task[], at: Date): void {
  if (tasks.length === 0) return;
  const rows = tasks.map(({ id, state, reason, holds, revision }) => ({ id, state, reason, holds, revision }));
  const query = sql`update tasks set state = new.value ->> 'state', reason = new.value ->> 'reason',
    holds = new.value -> 'holds', revision = new.value ->> 'revision',
    ended_at = case new.value ->> 'state' when 'ended' then ${at.getTime()} end
    from json_each(${JSON.stringify(rows)}) as new where tasks.id = new.value ->> 'id'`;
  if (db.run(db.raw(query)) !== rows.length) throw new OperationError("STORE_FAILED", "a task that was read is gone");
}

/** An entry stands exactly while its task is active: those that are active now were not before. */
export function syncEntries(tx: WriteTransaction, tasks: readonly Task[], at: Date): void {
  const ids = (isActive: boolean): string =>
    JSON.stringify(tasks.filter(({ state }) => (state === "active") === isActive).map(({ id }) => id));
  const over = sql<{ id: string }>`delete from entries where id in
    (select entry_id from tasks where id in (select value from json_each(${ids(false)}))) returning id`;
  for (const { id } of tx.db.all(tx.db.raw(over))) tx.record({ kind: "entry", id, entry: undefined });
  const missing = sql<{ identity: string }>`select identity from tasks
    where id in (select value from json_each(${ids(true)})) order by row_id`;
  for (const { identity } of tx.db.all(tx.db.raw(missing))) writeEntry(tx, identity, at);
}

function writeEntry(tx: WriteTransaction, identity: string, at: Date): void {
  const entry = JSON.parse(identity) as NewEntry;
  const { outcome } = createEntry(tx, { entry, createdAt: unixSeconds(at) });
  if (outcome === "created") return;
  throw new OperationError("STORE_CONFLICT", `the entry of a task's identity can't be written: ${outcome}`);
}
