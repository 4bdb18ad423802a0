// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import type { NewEntry, RegistrationEntry, Selector } from "@mayfly/registration";
import { type Compilable, type Selectable, type SelectQueryBuilder, sql } from "kysely";
import type { Connection } from "../sqlite/connection.ts";
import type { Schema } from "../sqlite/schema.ts";

/** An entry as the queries read it. The sets are JSON arrays, selectors as pairs. */
export interface EntryRow extends Selectable<Schema["entries"]> {
  readonly selectors: string;
  readonly dns_names: string;
  readonly federates_with: string;
}

/** Selects entries with their sets; add conditions. */
export function selectEntries(db: Connection): SelectQueryBuilder<Schema, "entries", EntryRow> {
  return db.build
    .selectFrom("entries")
    .selectAll("entries")
    .select([
      sql<string>`(select json_group_array(json_array(s.type, s.value) order by s.position)
      from entry_selectors s where s.owner = entries.row_id)`.as("selectors"),
      sql<string>`(select json_group_array(d.name order by d.position)
      from entry_dns_names d where d.owner = entries.row_id)`.as("dns_names"),
      sql<string>`(select json_group_array(f.trust_domain order by f.trust_domain)
      from entry_federation f where f.owner = entries.row_id)`.as("federates_with"),
    ]);
}

export function toEntry(row: EntryRow): RegistrationEntry {
  const pairs = JSON.parse(row.selectors) as [type: string, value: string][];
  return {
    id: row.id,
    spiffeId: row.spiffe_id,
    parentId: row.parent_id,
    selectors: pairs.map(([type, value]) => ({ type, value })),
    x509SvidTtl: row.x509_svid_ttl,
    jwtSvidTtl: row.jwt_svid_ttl,
    federatesWith: JSON.parse(row.federates_with) as string[],
    admin: row.admin === 1,
    downstream: row.downstream === 1,
    expiresAt: row.expires_at,
    dnsNames: JSON.parse(row.dns_names) as string[],
    revisionNumber: row.revision_number,
    storeSvid: row.store_svid === 1,
    hint: row.hint,
    createdAt: row.created_at,
  };
}

/** Digest of the selectors as a set: order and repetition don't count. */
export function selectorSetDigest(selectors: readonly Selector[]): string {
  const distinct = new Set(selectors.map(({ type, value }) => JSON.stringify([type, value])));
  return createHash("sha256")
    .update(JSON.stringify([...distinct].toSorted()))
    .digest("hex");
}

/** The columns that an operator decides on. */
export function toColumns(
  entry: NewEntry,
): Omit<Selectable<Schema["entries"]>, "row_id" | "revision_number" | "created_at"> {
  return {
    id: entry.id,
    spiffe_id: entry.spiffeId,
    parent_id: entry.parentId,
    selector_set: selectorSetDigest(entry.selectors),
    x509_svid_ttl: entry.x509SvidTtl,
    jwt_svid_ttl: entry.jwtSvidTtl,
    admin: Number(entry.admin),
    downstream: Number(entry.downstream),
    expires_at: entry.expiresAt,
    store_svid: Number(entry.storeSvid),
    hint: entry.hint,
  };
}

/** The first entry that the query finds. */
export function firstEntry(db: Connection, query: Compilable<EntryRow>): RegistrationEntry | undefined {
  const row = db.first(query);
  return row === undefined ? undefined : toEntry(row);
}
