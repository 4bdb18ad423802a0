// SPDX-License-Identifier: Apache-2.0
import type { LogState } from "@mayfly/journal";
import type { Connection } from "../sqlite/connection.ts";
import { OperationError } from "../sqlite/failure.ts";

export function state(db: Connection, _all: null): LogState {
  const row = db.first(db.build.selectFrom("record_state").selectAll().where("id", "=", 1));
  if (row === undefined) throw new OperationError("STORE_CORRUPT", "the state of the record is missing");
  return { size: row.size, ...(row.checkpoint !== null && { checkpoint: row.checkpoint }) };
}

export function tile(db: Connection, { level, index }: { level: number; index: number }): Uint8Array | undefined {
  const query = db.build
    .selectFrom("record_tiles")
    .select("hashes")
    .where("level", "=", level)
    .where("position", "=", index);
  const row = db.first(query);
  return row === undefined ? undefined : new Uint8Array(row.hashes);
}

export function entries(db: Connection, { from, to }: { from: number; to: number }): readonly Uint8Array[] {
  const query = db.build
    .selectFrom("record_entries")
    .select("entry")
    .where("position", ">=", from)
    .where("position", "<", to)
    .orderBy("position");
  return db.all(query).map(({ entry }) => new Uint8Array(entry));
}

export function find(db: Connection, recordId: string): readonly number[] {
  const query = db.build.selectFrom("record_entries").select("position").where("record_id", "=", recordId);
  return db.all(query.orderBy("position")).map(({ position }) => position);
}

export function ofTask(
  db: Connection,
  { taskId, from, to, limit }: { taskId: string; from: number; to: number; limit: number },
): readonly number[] {
  const query = db.build
    .selectFrom("record_entries")
    .select("position")
    .where("task_id", "=", taskId)
    .where("position", ">=", from)
    .where("position", "<", to)
    .orderBy("position")
    .limit(limit);
  return db.all(query).map(({ position }) => position);
}
