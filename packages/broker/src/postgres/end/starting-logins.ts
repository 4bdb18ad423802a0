// SPDX-License-Identifier: Apache-2.0
import type { AdminPool } from "../admin-pool.ts";

// @NOTE A session is in pg_stat_activity only at the very end of its start. Between the check of its role and that moment it holds a lock on
// its database, and the client may stretch that time as it likes (post_auth_delay): no settle window outlasts it.
const starting = `
SELECT DISTINCT l.pid FROM pg_locks l
WHERE l.locktype = 'object' AND l.database = 0 AND l.classid = 'pg_database'::regclass AND l.pid <> pg_backend_pid()
  AND NOT EXISTS (SELECT FROM pg_stat_get_activity(l.pid))`;

const cut = "SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) AS p(pid)";

/** Processes that have passed the login's checks and are not listed as sessions yet; whose they are can't be seen. */
export async function startingLogins(pool: AdminPool): Promise<ReadonlySet<number>> {
  return new Set((await pool.query(starting)).map(({ pid }) => Number(pid)));
}

/** Ends them. One that has ended, or belongs to a superuser, is passed over. */
export async function cutLogins(pool: AdminPool, pids: readonly number[]): Promise<void> {
  for (const pid of pids) await pool.query(cut, [[pid]]).catch(() => undefined);
}
