// SPDX-License-Identifier: Apache-2.0
import { AdminPool } from "../admin-pool.ts";
import { quoteIdentifier, quoteLiteral } from "../quote.ts";
import type { PostgresTargetConfig } from "../target-config.ts";

/** A role without sessions. */
export interface QuietRole {
  readonly name: string;
  readonly oid: number;
}

/** What went with it. */
export interface DroppedRole {
  readonly preparedRolledBack: number;
  readonly objectsDropped: number;
}

const preparedOf = `
SELECT p.gid, p.ownerid::int8::text AS oid, d.datname AS database
FROM pg_prepared_xact() AS p(transaction, gid, prepared, ownerid, dbid) JOIN pg_database d ON d.oid = p.dbid
WHERE p.ownerid = ANY($1::oid[])`;

const dependentsOf = `
SELECT s.refobjid::int8::text AS oid, coalesce(d.datname, current_database()) AS database, count(*)::int AS objects
FROM pg_shdepend s LEFT JOIN pg_database d ON d.oid = s.dbid
WHERE s.refclassid = 'pg_authid'::regclass AND s.refobjid = ANY($1::oid[]) GROUP BY 1, 2`;

/**
 * Drops roles and all that is theirs: transactions that they prepared (they would outlive the role, and be committed), objects in whatever
 * database, with what others made to rest on those, and the roles. @throws as `AdminPool.query`
 */
export async function dropRoles(
  pool: AdminPool,
  config: PostgresTargetConfig,
  roles: readonly QuietRole[],
): Promise<readonly DroppedRole[]> {
  const names = new Map(roles.map(({ oid, name }) => [oid, name]));
  const oids = [...names.keys()];
  const nameOf = (oid: unknown): string => quoteIdentifier(names.get(Number(oid)) ?? "");
  const prepared = await pool.query(preparedOf, [oids]);
  for (const { gid, oid, database } of prepared) {
    // Only their owner may end them.
    const statements = [`SET ROLE ${nameOf(oid)}`, `ROLLBACK PREPARED ${quoteLiteral(String(gid))}`];
    await inDatabase(pool, config, String(database), (there) => there.session(statements));
  }
  const dependents = await pool.query(dependentsOf, [oids]);
  for (const { oid, database } of dependents) {
    const drop = [`DROP OWNED BY ${nameOf(oid)} CASCADE`];
    await inDatabase(pool, config, String(database), async (there) => void (await there.script(drop)));
  }
  if (roles.length > 0)
    await pool.script([`DROP ROLE IF EXISTS ${roles.map(({ name }) => quoteIdentifier(name)).join(", ")}`]);
  return roles.map(({ oid }) => ({
    preparedRolledBack: prepared.filter((one) => Number(one["oid"]) === oid).length,
    objectsDropped: dependents
      .filter((one) => Number(one["oid"]) === oid)
      .reduce((sum, one) => sum + Number(one["objects"]), 0),
  }));
}

async function inDatabase(
  pool: AdminPool,
  config: PostgresTargetConfig,
  database: string,
  action: (there: AdminPool) => Promise<void>,
): Promise<void> {
  if (database === config.database) return await action(pool);
  await using there = new AdminPool(config, { max: 1, database });
  await action(there);
}
