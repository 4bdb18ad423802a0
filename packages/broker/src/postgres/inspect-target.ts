// SPDX-License-Identifier: Apache-2.0
import { LeaseError } from "../errors.ts";
import type { AdminPool, Row } from "./admin-pool.ts";
import type { PostgresTargetConfig } from "./target-config.ts";

const question = `
SELECT g.oid::int8::text AS oid,
  me.rolsuper AS admin_is_super, me.rolcreaterole AS admin_creates_roles,
  pg_has_role(current_user, 'pg_signal_backend', 'USAGE') AS admin_signals,
  pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS admin_reads_stats,
  g.rolcanlogin, g.rolsuper, g.rolcreaterole, g.rolcreatedb, g.rolreplication, g.rolbypassrls,
  EXISTS (SELECT FROM pg_shdepend d WHERE d.refclassid = 'pg_authid'::regclass AND d.refobjid = g.oid AND d.deptype = 'o') AS owns,
  (SELECT string_agg(n.nspname, ', ') FROM pg_namespace n WHERE has_schema_privilege(g.oid, n.oid, 'CREATE')) AS creates_in,
  has_database_privilege(g.oid, current_database(), 'CREATE') AS creates_schemas,
  (SELECT string_agg(p.rolname, ', ') FROM pg_roles p WHERE p.oid <> g.oid
    AND pg_has_role(g.oid, p.oid, 'MEMBER') AND (p.rolname LIKE 'pg\\_%' OR p.rolsuper OR p.rolcreaterole)) AS strong_roles,
  EXISTS (SELECT FROM pg_class c, aclexplode(c.relacl) a WHERE a.grantee = g.oid AND a.is_grantable) AS grants_on
FROM pg_roles g, pg_roles me WHERE g.rolname = $1 AND me.rolname = current_user`;

const checks: readonly (readonly [column: string, problem: string])[] = [
  ["rolcanlogin", "the group can log in"],
  ["rolsuper", "the group is a superuser"],
  ["rolcreaterole", "the group may create roles"],
  ["rolcreatedb", "the group may create databases"],
  ["rolreplication", "the group may replicate"],
  ["rolbypassrls", "the group bypasses row security"],
  ["owns", "the group owns objects, so that a lease could make them its own"],
  ["creates_schemas", "the group may create schemas"],
  ["grants_on", "the group may grant its rights to others"],
];

/**
 * Looks whether leases for this database can end for good: a group that may create or pass on would leave access behind.
 * @throws {LeaseError} TARGET_UNSAFE with all problems; TARGET_UNAVAILABLE
 */
export async function inspectTarget(pool: AdminPool, { name, group }: PostgresTargetConfig): Promise<void> {
  const [row] = await pool.query(question, [group]);
  const problems = row === undefined ? ["the group role does not exist"] : problemsOf(row);
  if (problems.length === 0) return;
  throw new LeaseError("TARGET_UNSAFE", `the target ${JSON.stringify(name)} can't be used: ${problems.join("; ")}`, {
    problems,
  });
}

function problemsOf(row: Row): readonly string[] {
  const problems = checks.filter(([column]) => row[column] === true).map(([, problem]) => problem);
  if (row["admin_is_super"] !== true) {
    if (row["admin_creates_roles"] !== true) problems.push("the broker's role has no CREATEROLE");
    if (row["admin_signals"] !== true) problems.push("the broker's role has not the rights of pg_signal_backend");
    if (row["admin_reads_stats"] !== true) problems.push("the broker's role has not the rights of pg_read_all_stats");
  }
  if (typeof row["creates_in"] === "string") problems.push(`the group may create in: ${row["creates_in"]}`);
  if (typeof row["strong_roles"] === "string") problems.push(`the group is a member of: ${row["strong_roles"]}`);
  return problems;
}
