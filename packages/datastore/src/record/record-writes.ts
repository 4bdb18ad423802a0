// SPDX-License-Identifier: Apache-2.0
import type { LogBatch } from "@mayfly/journal";
import { OperationError } from "../sqlite/failure.ts";
import type { WriteTransaction } from "../sqlite/write-transaction.ts";

/** One savepoint: all of the batch or nothing. The size is compared and set, so that a second writer is refused. */
export function append({ db }: WriteTransaction, { firstIndex, entries, tiles }: LogBatch): void {
  const grow = db.build
    .updateTable("record_state")
    .set({ size: firstIndex + entries.length })
    .where("id", "=", 1)
    .where("size", "=", firstIndex);
  if (db.run(grow) === 0)
    throw new OperationError("STORE_CONFLICT", "the record has another size: somebody else wrote");
  for (const [at, entry] of entries.entries()) {
    const columns = { position: firstIndex + at, entry, ...subjectOf(entry) };
    db.run(db.build.insertInto("record_entries").values(columns));
  }
  for (const { level, index, hashes } of tiles) {
    const insert = db.build.insertInto("record_tiles").values({ level, position: index, hashes });
    db.run(insert.onConflict((conflict) => conflict.columns(["level", "position"]).doUpdateSet({ hashes })));
  }
}

export function saveCheckpoint({ db }: WriteTransaction, checkpoint: string): void {
  db.run(db.build.updateTable("record_state").set({ checkpoint }).where("id", "=", 1));
}

/** What an entry can be found by; nothing when it is no record. */
function subjectOf(entry: Uint8Array): { readonly record_id: string | null; readonly task_id: string | null } {
  const value = readJson(entry);
  const text = (name: "id" | "task"): string | null => (typeof value[name] === "string" ? value[name] : null);
  return { record_id: text("id"), task_id: text("task") };
}

function readJson(entry: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(entry).toString("utf8"));
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
