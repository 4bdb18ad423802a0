// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { LeaseError } from "../errors.ts";
import { type AdminPool, sqlState } from "./admin-pool.ts";
import { quoteIdentifier, quoteLiteral } from "./quote.ts";
import type { PostgresTargetConfig } from "./target-config.ts";

const verifierForm = /^SCRAM-SHA-256\$\d{4,7}:[A-Za-z0-9+/=]{20,64}\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=$/;
const cutBefore = `
SELECT count(*)::int AS seen, bool_and(pg_terminate_backend(pid)) AS cut
FROM pg_stat_get_activity(NULL) WHERE usesysid = $1::oid AND backend_start <= $2::timestamptz`;
const paceMs = 50;

/**
 * Gives a role another password. The database is told what it stores of it, never the password; what logged in before is cut off. Resolves
 * with how many sessions were cut.
 * @throws {LeaseError} BAD_ACCOUNT when the configuration does not name it; STILL_ALIVE, TARGET_UNAVAILABLE
 */
export async function rotateAccount(
  pool: AdminPool,
  config: PostgresTargetConfig,
  { name, verifier }: { readonly name: string; readonly verifier: string },
): Promise<number> {
  if (!verifierForm.test(verifier))
    throw new LeaseError("BAD_ACCOUNT", "the new password is no SCRAM-SHA-256 verifier");
  return await change(pool, config, { name, to: `PASSWORD ${quoteLiteral(verifier)}` });
}

/** Lets nobody log in as a role any more, and cuts its sessions; what it owns stays. Resolves and throws as `rotateAccount`. */
export async function isolateAccount(pool: AdminPool, config: PostgresTargetConfig, name: string): Promise<number> {
  return await change(pool, config, { name, to: "NOLOGIN" });
}

async function change(
  pool: AdminPool,
  config: PostgresTargetConfig,
  { name, to }: { readonly name: string; readonly to: string },
): Promise<number> {
  const { legacyRoles = [], group, admin } = config;
  if (!legacyRoles.includes(name) || name === group || name === admin.user)
    throw new LeaseError("BAD_ACCOUNT", "the broker's configuration does not name this account in legacy_roles");
  const role = quoteIdentifier(name);
  try {
    const [row] = await pool.script([
      `ALTER ROLE ${role} ${to}`,
      `SELECT oid::int8::text AS oid, clock_timestamp()::text AS at FROM pg_roles WHERE rolname = ${quoteLiteral(name)}`,
    ]);
    return await cutSessions(pool, config, { oid: String(row?.["oid"]), at: String(row?.["at"]) });
  } catch (cause) {
    const state = sqlState(cause);
    if (state === undefined) throw cause;
    throw new LeaseError("STILL_ALIVE", `the database refused to change the account (SQLSTATE ${state})`, { cause });
  }
}

/** Sessions that began before the change was made, until none was seen for the settle window. */
async function cutSessions(
  pool: AdminPool,
  { settleMs = 250, endTimeoutMs = 10_000 }: PostgresTargetConfig,
  { oid, at }: { readonly oid: string; readonly at: string },
): Promise<number> {
  let [most, quietSince] = [0, performance.now()];
  for (const end = quietSince + endTimeoutMs; performance.now() - quietSince < settleMs; ) {
    const [row] = await pool.query(cutBefore, [oid, at]);
    const seen = Number(row?.["seen"]);
    most = Math.max(most, seen);
    if (seen > 0) quietSince = performance.now();
    if (performance.now() > end) throw new LeaseError("STILL_ALIVE", "sessions of the account do not go");
    await sleep(paceMs);
  }
  return most;
}
