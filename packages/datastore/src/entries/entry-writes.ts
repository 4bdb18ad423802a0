// SPDX-License-Identifier: Apache-2.0
import type { CreateEntryOutcome, NewEntry, RegistrationEntry } from "@mayfly/registration";
import { OperationError } from "../sqlite/failure.ts";
import type { WriteTransaction } from "../sqlite/write-transaction.ts";
import { constraints, deleteSets, insertSets, setConflict } from "./entry-parts.ts";
import { firstEntry, selectEntries, selectorSetDigest, toColumns, toEntry } from "./entry-rows.ts";

function readRow(tx: WriteTransaction, rowId: number): RegistrationEntry {
  const entry = firstEntry(tx.db, selectEntries(tx.db).where("entries.row_id", "=", rowId));
  if (entry === undefined) throw new OperationError("STORE_FAILED", "an entry that was just seen is not there");
  return entry;
}

function stored(tx: WriteTransaction, rowId: number): CreateEntryOutcome {
  const entry = readRow(tx, rowId);
  tx.record({ kind: "entry", id: entry.id, entry });
  return { outcome: "created", entry, revision: tx.takeRevision() };
}

export function create(
  tx: WriteTransaction,
  { entry, createdAt }: { entry: NewEntry; createdAt: number },
): CreateEntryOutcome {
  const { db } = tx;
  const similar = db.first(
    db.build
      .selectFrom("entries")
      .select("row_id")
      .where("spiffe_id", "=", entry.spiffeId)
      .where("parent_id", "=", entry.parentId)
      .where("selector_set", "=", selectorSetDigest(entry.selectors))
      .orderBy("row_id")
      .limit(1),
  );
  if (similar !== undefined) return { outcome: "similar", entry: readRow(tx, similar.row_id) };
  // Asked first, because a refused insert would use up a row id, which paging shows.
  const taken = db.first(db.build.selectFrom("entries").select("row_id").where("id", "=", entry.id));
  if (taken !== undefined) return { outcome: "conflict", constraint: constraints.id };
  const conflict = setConflict(db, entry);
  if (conflict !== undefined) return conflict;
  const columns = { ...toColumns(entry), revision_number: 0, created_at: createdAt };
  const row = db.first(db.build.insertInto("entries").values(columns).returning("row_id"));
  if (row === undefined) throw new OperationError("STORE_FAILED", "an insert gave no row");
  insertSets(db, row.row_id, entry);
  return stored(tx, row.row_id);
}

export function update(
  tx: WriteTransaction,
  { id, changes }: { id: string; changes: Partial<NewEntry> },
): CreateEntryOutcome | undefined {
  const { db } = tx;
  const row = db.first(selectEntries(db).where("entries.id", "=", id));
  if (row === undefined) return undefined;
  const given = Object.entries(changes).filter(([, value]) => value !== undefined);
  const entry: NewEntry = { ...toEntry(row), ...(Object.fromEntries(given) as Partial<NewEntry>), id };
  const conflict = setConflict(db, entry);
  if (conflict !== undefined) return conflict;
  const columns = { ...toColumns(entry), revision_number: row.revision_number + 1 };
  db.run(db.build.updateTable("entries").set(columns).where("row_id", "=", row.row_id));
  deleteSets(db, row.row_id);
  insertSets(db, row.row_id, entry);
  return stored(tx, row.row_id);
}

function deleteRow(tx: WriteTransaction, rowId: number, id: string): void {
  tx.db.run(tx.db.build.deleteFrom("entries").where("row_id", "=", rowId));
  tx.record({ kind: "entry", id, entry: undefined });
}

function remove(tx: WriteTransaction, id: string): RegistrationEntry | undefined {
  const row = tx.db.first(selectEntries(tx.db).where("entries.id", "=", id));
  if (row === undefined) return undefined;
  deleteRow(tx, row.row_id, id);
  return toEntry(row);
}

export function deleteOf(tx: WriteTransaction, spiffeId: string): readonly RegistrationEntry[] {
  return deleteAll(
    tx,
    tx.db.all(selectEntries(tx.db).where("entries.spiffe_id", "=", spiffeId).orderBy("entries.row_id")),
  );
}

function deleteAll(tx: WriteTransaction, rows: Parameters<typeof toEntry>[0][]): readonly RegistrationEntry[] {
  for (const row of rows) deleteRow(tx, row.row_id, row.id);
  return rows.map(toEntry);
}

/** `before` in Unix seconds. */
export function prune(tx: WriteTransaction, before: number): readonly RegistrationEntry[] {
  const over = selectEntries(tx.db).where("entries.expires_at", "<>", 0).where("entries.expires_at", "<", before);
  return deleteAll(tx, tx.db.all(over.orderBy("entries.row_id")));
}

export { remove as delete };
