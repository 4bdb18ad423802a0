// SPDX-License-Identifier: Apache-2.0
import type { AdminPool } from "../admin-pool.ts";

/** A role that was dropped; without OID there was none. */
export interface DroppedName {
  readonly name: string;
  readonly oid: number | undefined;
}

/** What the database still has of it; all zero is the proof. */
export interface Remains {
  readonly roles: number;
  readonly sessions: number;
  readonly prepared: number;
  readonly dependents: number;
  readonly memberships: number;
}

const look = `
WITH sessions AS (SELECT usesysid AS oid, count(*)::int AS n FROM pg_stat_get_activity(NULL) WHERE usesysid IS NOT NULL GROUP BY 1),
prepared AS (SELECT ownerid AS oid, count(*)::int AS n
  FROM pg_prepared_xact() AS p(transaction, gid, prepared, ownerid, dbid) GROUP BY 1)
SELECT (SELECT count(*)::int FROM pg_roles r WHERE r.rolname = a.name OR r.oid = a.oid) AS roles,
  coalesce(s.n, 0) AS sessions, coalesce(p.n, 0) AS prepared,
  (SELECT count(*)::int FROM pg_shdepend d WHERE d.refclassid = 'pg_authid'::regclass AND d.refobjid = a.oid) AS dependents,
  (SELECT count(*)::int FROM pg_auth_members m WHERE m.roleid = a.oid OR m.member = a.oid) AS memberships
FROM unnest($1::text[], $2::oid[]) WITH ORDINALITY AS a(name, oid, n)
LEFT JOIN sessions s ON s.oid = a.oid LEFT JOIN prepared p ON p.oid = a.oid ORDER BY a.n`;

/** Looks by OID, over a connection that ended nothing. @throws as `AdminPool.query` */
export async function verifyGone(pool: AdminPool, roles: readonly DroppedName[]): Promise<readonly Remains[]> {
  const rows = await pool.query(look, [roles.map(({ name }) => name), roles.map(({ oid }) => oid ?? null)]);
  return rows.map((row) => ({
    roles: Number(row["roles"]),
    sessions: Number(row["sessions"]),
    prepared: Number(row["prepared"]),
    dependents: Number(row["dependents"]),
    memberships: Number(row["memberships"]),
  }));
}
