// SPDX-License-Identifier: Apache-2.0
import type { Evidence } from "@mayfly/tasks";
import type { Logger } from "@mayfly/telemetry";
import { LeaseError } from "../errors.ts";
import { assertAccountName } from "./account-name.ts";
import { AdminPool, sqlState } from "./admin-pool.ts";
import { BackendConnection } from "./backend-connection.ts";
import { isolateAccount, rotateAccount } from "./change-account.ts";
import { createRole } from "./create-role.ts";
import { AccountEnder, type DoomedAccount } from "./end/account-ender.ts";
import { inspectTarget } from "./inspect-target.ts";
import { type FoundAccount, listAccounts } from "./list-accounts.ts";
import { Secret } from "./secret.ts";
import type { PostgresTargetConfig } from "./target-config.ts";

/** What an account is made for. */
export interface AccountOrder {
  readonly name: string;
  readonly taskId: string;
  readonly notAfter: Date;
  readonly mode: "brokered" | "leased";
}

/** A role with its credential, as long as the lease lasts. */
export interface Account {
  readonly name: string;
  readonly taskId: string;
  readonly oid: number;
  readonly secret: Secret;
}

const defaults = { rolePrefix: "mayfly_", statementTimeoutMs: 30_000 };

/** One PostgreSQL database that leases are given for. Who opens it disposes of it; leases that are left are not ended by that. */
export class PostgresTarget implements AsyncDisposable {
  readonly config: PostgresTargetConfig;
  readonly rolePrefix: string;
  readonly #admin: AdminPool;
  /** Makes roles: ends never wait behind that. */
  readonly #maker: AdminPool;
  readonly #witness: AdminPool;
  readonly #ender: AccountEnder;

  private constructor(config: PostgresTargetConfig, admin: AdminPool, logger: Logger) {
    this.config = config;
    this.rolePrefix = config.rolePrefix ?? defaults.rolePrefix;
    this.#admin = admin;
    this.#maker = new AdminPool(config, { max: 4 });
    this.#witness = new AdminPool(config, { max: 2 });
    const onLate = (oid: number, cut: number): void =>
      logger.error("session_after_end", { target: config.name, role_oid: oid, sessions: cut });
    this.#ender = new AccountEnder({ config, admin, witness: this.#witness, onLate });
  }

  /** @throws {LeaseError} TARGET_UNSAFE, TARGET_UNAVAILABLE */
  static async open(config: PostgresTargetConfig, logger: Logger): Promise<PostgresTarget> {
    assertAccountName(`${config.rolePrefix ?? defaults.rolePrefix}x`, config.rolePrefix ?? defaults.rolePrefix);
    const admin = new AdminPool(config, { max: 4 });
    try {
      await inspectTarget(admin, config);
      return new PostgresTarget(config, admin, logger);
    } catch (error) {
      await admin[Symbol.asyncDispose]();
      throw error;
    }
  }

  get name(): string {
    return this.config.name;
  }

  /** The intent is durable before. @throws {LeaseError} BAD_ACCOUNT, TARGET_UNAVAILABLE */
  async createAccount({ name, taskId, notAfter, mode }: AccountOrder): Promise<Account> {
    assertAccountName(name, this.rolePrefix);
    const secret = Secret.random();
    const { group, connectionLimit = mode === "brokered" ? 1 : 5 } = this.config;
    const statementTimeoutMs = this.config.statementTimeoutMs ?? defaults.statementTimeoutMs;
    try {
      const order = { name, group, taskId, notAfter, connectionLimit, statementTimeoutMs };
      return { name, taskId, secret, oid: await createRole(this.#maker, order, secret) };
    } catch (cause) {
      secret.wipe();
      const state = sqlState(cause);
      if (state === undefined) throw cause;
      throw new LeaseError("TARGET_UNAVAILABLE", `the database made no role (SQLSTATE ${state})`, { cause });
    }
  }

  /** A session under the account. @throws {LeaseError} TARGET_UNAVAILABLE */
  async connect(
    { name, taskId, secret }: Account,
    settings: Readonly<Record<string, string>>,
  ): Promise<BackendConnection> {
    return await BackendConnection.open(this.config, {
      user: name,
      secret,
      applicationName: `task:${taskId}`,
      settings,
    });
  }

  /** Stops what a session of the account is doing, if it is still that account's. @throws {LeaseError} TARGET_UNAVAILABLE */
  async cancel({ oid }: Account, processId: number): Promise<void> {
    const cancel = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE pid = $1 AND usesysid = $2::oid";
    await this.#admin.query(cancel, [processId, oid]);
  }

  /** Ends it and proves it; may be asked again. @throws {LeaseError} STILL_ALIVE, TARGET_UNAVAILABLE */
  async endAccount(account: DoomedAccount): Promise<Evidence["detail"]> {
    assertAccountName(account.name, this.rolePrefix);
    try {
      return await this.#ender.end(account);
    } catch (cause) {
      const state = sqlState(cause);
      if (state === undefined) throw cause;
      throw new LeaseError("STILL_ALIVE", `the database refused a step of the end (SQLSTATE ${state})`, { cause });
    }
  }

  /** A new password for an account that is no lease's. Gives how many sessions were cut. @throws {LeaseError} as `rotateAccount` */
  async rotate(name: string, verifier: string): Promise<number> {
    return await rotateAccount(this.#admin, this.config, { name, verifier });
  }

  /** Closes an account that is no lease's. Gives how many sessions were cut. @throws {LeaseError} as `isolateAccount` */
  async isolate(name: string): Promise<number> {
    return await isolateAccount(this.#admin, this.config, name);
  }

  /** All roles of the cluster but its built-in ones, the broker's and the group. @throws {LeaseError} TARGET_UNAVAILABLE */
  async accounts(): Promise<readonly FoundAccount[]> {
    return await listAccounts(this.#admin, this.config, this.rolePrefix);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ender[Symbol.dispose]();
    const pools = [this.#admin, this.#maker, this.#witness];
    await Promise.all(pools.map((pool) => pool[Symbol.asyncDispose]()));
  }
}
