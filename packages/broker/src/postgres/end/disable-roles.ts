// SPDX-License-Identifier: Apache-2.0
import type { AdminPool } from "../admin-pool.ts";
import { quoteIdentifier } from "../quote.ts";

/** A role whose logins are over. */
export interface DisabledRole {
  /** undefined when there was no such role. */
  readonly oid: number | undefined;
  /** Roles that it had lent itself to; it was taken back from them and their sessions were cut. */
  readonly borrowers: number;
}

const lookUp = `
SELECT r.rolname AS name, r.oid::int8::text AS oid,
  ARRAY(SELECT g.rolname::text FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid WHERE m.member = r.oid) AS groups,
  ARRAY(SELECT b.rolname::text FROM pg_auth_members m JOIN pg_roles b ON b.oid = m.member
        WHERE m.roleid = r.oid AND b.rolname <> current_user) AS borrowers
FROM pg_roles r WHERE r.rolname = ANY($1::text[])`;

const cutBorrowers = `
SELECT pg_terminate_backend(s.pid) FROM pg_stat_activity s JOIN pg_roles r ON r.oid = s.usesysid
WHERE r.rolname = ANY($1::text[]) AND NOT r.rolsuper`;

/**
 * The first step of an end, one transaction for all: nothing is inherited or can be taken on by SET ROLE from now on, nobody logs in. Who
 * is in, or past the login's checks, still is. @throws as `AdminPool.query`
 */
export async function disableRoles(pool: AdminPool, names: readonly string[]): Promise<readonly DisabledRole[]> {
  const rows = await pool.query(lookUp, [names]);
  const found = new Map(
    rows.map((row) => [
      String(row["name"]),
      { oid: Number(row["oid"]), groups: row["groups"] as string[], borrowers: row["borrowers"] as string[] },
    ]),
  );
  await pool.script([
    ...revokeGroups(found),
    ...[...found].flatMap(([name, { borrowers }]) => {
      const role = quoteIdentifier(name);
      const lent = borrowers.map((borrower) => `REVOKE ${role} FROM ${quoteIdentifier(borrower)}`);
      return [...lent, `ALTER ROLE ${role} NOLOGIN`];
    }),
  ]);
  const borrowers = [...found.values()].flatMap((role) => role.borrowers);
  if (borrowers.length > 0) await pool.query(cutBorrowers, [borrowers]);
  return names.map((name) => {
    const role = found.get(name);
    return { oid: role?.oid, borrowers: role?.borrowers.length ?? 0 };
  });
}

/** One statement a group, for all that are in it. */
function revokeGroups(roles: ReadonlyMap<string, { readonly groups: readonly string[] }>): readonly string[] {
  const members = new Map<string, string[]>();
  for (const [name, { groups }] of roles) {
    for (const group of groups) members.set(group, [...(members.get(group) ?? []), quoteIdentifier(name)]);
  }
  return [...members].map(([group, names]) => `REVOKE ${quoteIdentifier(group)} FROM ${names.join(", ")}`);
}
