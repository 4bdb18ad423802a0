// SPDX-License-Identifier: Apache-2.0
import type { AuthorityKind, AuthorityRecord } from "@mayfly/ca";
import type { Connection } from "../sqlite/connection.ts";
import { OperationError } from "../sqlite/failure.ts";
import { toRecord } from "./authority-rows.ts";

export function list(
  db: Connection,
  kind: AuthorityKind,
): { readonly version: number; readonly records: readonly AuthorityRecord[] } {
  const version = db.first(db.build.selectFrom("authority_versions").select("version").where("kind", "=", kind));
  if (version === undefined) throw new OperationError("STORE_FAILED", `no kind of authority ${JSON.stringify(kind)}`);
  const rows = db.all(db.build.selectFrom("authorities").selectAll().where("kind", "=", kind).orderBy("position"));
  return { version: version.version, records: rows.map(toRecord) };
}
