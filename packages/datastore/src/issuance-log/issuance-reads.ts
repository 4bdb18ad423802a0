// SPDX-License-Identifier: Apache-2.0
import type { Connection } from "../sqlite/connection.ts";

interface Range {
  readonly authorityId: string;
  readonly fromIndex: number;
  readonly limit: number;
}

export function read(
  db: Connection,
  { authorityId, fromIndex, limit }: Range,
): readonly { readonly index: number; readonly batch: Uint8Array }[] {
  const query = db.build
    .selectFrom("issuance_log")
    .select(["position", "batch"])
    .where("authority_id", "=", authorityId)
    .where("position", ">=", fromIndex)
    .orderBy("position")
    .limit(limit);
  return db.all(query).map(({ position, batch }) => ({ index: position, batch: new Uint8Array(batch) }));
}

export function authorities(db: Connection, _all: null): readonly string[] {
  const query = db.build.selectFrom("issuance_log").select("authority_id").distinct().orderBy("authority_id");
  return db.all(query).map(({ authority_id: id }) => id);
}
