// SPDX-License-Identifier: Apache-2.0
import type { AdminPool } from "./admin-pool.ts";
import type { PostgresTargetConfig } from "./target-config.ts";

/** A role that the cluster has. */
export interface FoundAccount {
  readonly name: string;
  readonly canLogin: boolean;
  /** Of its sessions now; undefined without any. The database keeps no record of past ones. */
  readonly lastActivityAt: Date | undefined;
  /** Whether this broker made it: by its name, and because it was made to be administered by the broker's own role. */
  readonly isOurs: boolean;
  /** Named in the configuration as known. */
  readonly isLegacy: boolean;
}

const maxAccounts = 100_000;
const question = `
SELECT r.rolname AS name, r.rolcanlogin AS can_login,
  max(greatest(s.backend_start, s.state_change)) AS last_activity,
  EXISTS (SELECT FROM pg_auth_members m JOIN pg_roles me ON me.oid = m.member
    WHERE m.roleid = r.oid AND me.rolname = current_user) AS made_here
FROM pg_roles r LEFT JOIN pg_stat_activity s ON s.usesysid = r.oid
WHERE r.rolname NOT LIKE 'pg\\_%' AND r.rolname <> current_user AND r.rolname <> $1
GROUP BY r.oid, r.rolname, r.rolcanlogin ORDER BY r.rolname LIMIT ${maxAccounts}`;

/** @throws as `AdminPool.query` */
export async function listAccounts(
  pool: AdminPool,
  { group, legacyRoles = [] }: PostgresTargetConfig,
  prefix: string,
): Promise<readonly FoundAccount[]> {
  const rows = await pool.query(question, [group]);
  return rows.map((row) => {
    const name = String(row["name"]);
    const { last_activity: last } = row;
    return {
      name,
      canLogin: row["can_login"] === true,
      lastActivityAt: last instanceof Date ? last : undefined,
      isOurs: name.startsWith(prefix) && row["made_here"] === true,
      isLegacy: legacyRoles.includes(name),
    };
  });
}
