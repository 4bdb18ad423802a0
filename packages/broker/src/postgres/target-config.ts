// SPDX-License-Identifier: Apache-2.0
import type { ConnectionOptions } from "node:tls";
import type { SpiffeIdMatcher } from "@mayfly/spiffe";

/** Where and as whom the broker administers a database. */
export interface AdminLogin {
  /** Name, address, or directory of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Asked at each new connection, so that it may rotate; undefined for peer authentication. */
  readonly password?: (() => string | Promise<string>) | undefined;
  readonly tls?: ConnectionOptions | undefined;
}

/** One database that leases are given for. */
export interface PostgresTargetConfig {
  /** What requests call it: lower-case letters, digits and `-`, at most 32. */
  readonly name: string;
  readonly database: string;
  readonly admin: AdminLogin;
  /** Which of the broker's tool servers may have leases here; for others there is no such target. Default: all. */
  readonly toolServers?: SpiffeIdMatcher | undefined;
  /** The NOLOGIN role whose rights a lease has; granted once, by the database's owner. */
  readonly group: string;
  /** Begins the name of each role that the broker makes, and of no other. Default `mayfly_`. */
  readonly rolePrefix?: string | undefined;
  /** Default 1 for brokered leases, 5 for leased ones. */
  readonly connectionLimit?: number | undefined;
  /** Default 30,000. */
  readonly statementTimeoutMs?: number | undefined;
  /** How long no session may be seen before a role is dropped: at least 250, the default. */
  readonly settleMs?: number | undefined;
  /** How long an end may wait for sessions that don't go. Default 10,000. */
  readonly endTimeoutMs?: number | undefined;
  /** Roles that are known and stay: reported as `legacy`, not as unmanaged. */
  readonly legacyRoles?: readonly string[] | undefined;
  /** Host and port that leased credentials name. Default: those of `admin`. */
  readonly publicAddress?: { readonly host: string; readonly port: number } | undefined;
}
