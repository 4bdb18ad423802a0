// SPDX-License-Identifier: Apache-2.0
import type { AdminPool } from "./admin-pool.ts";
import { quoteIdentifier, quoteLiteral } from "./quote.ts";
import { scramVerifier } from "./scram-verifier.ts";
import type { Secret } from "./secret.ts";

/** A role to be made. */
export interface RoleOrder {
  readonly name: string;
  readonly group: string;
  readonly taskId: string;
  /** Logins end here at the latest; sessions don't. */
  readonly notAfter: Date;
  readonly connectionLimit: number;
  readonly statementTimeoutMs: number;
}

/** Makes it, in one transaction; gives its OID. A role that exists is never taken over. @throws as `AdminPool.query` */
export async function createRole(pool: AdminPool, order: RoleOrder, secret: Secret): Promise<number> {
  const role = quoteIdentifier(order.name);
  const verifier = quoteLiteral(await scramVerifier(secret));
  const [row] = await pool.script([
    `CREATE ROLE ${role} LOGIN INHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
     CONNECTION LIMIT ${integer(order.connectionLimit)} PASSWORD ${verifier}
     VALID UNTIL ${quoteLiteral(order.notAfter.toISOString())}
     IN ROLE ${quoteIdentifier(order.group)} ROLE CURRENT_USER`,
    `ALTER ROLE ${role} SET statement_timeout = ${integer(order.statementTimeoutMs)}`,
    `ALTER ROLE ${role} SET idle_in_transaction_session_timeout = ${integer(order.statementTimeoutMs)}`,
    `ALTER ROLE ${role} SET application_name = ${quoteLiteral(`task:${order.taskId}`)}`,
    `SELECT oid::int8::text AS oid FROM pg_roles WHERE rolname = ${quoteLiteral(order.name)}`,
  ]);
  return Number(row?.["oid"]);
}

function integer(value: number): string {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError("a count or time is a whole number");
  return String(value);
}
