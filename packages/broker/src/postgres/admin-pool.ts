// SPDX-License-Identifier: Apache-2.0
import { DatabaseError, Pool } from "pg";
import { LeaseError } from "../errors.ts";
import type { PostgresTargetConfig } from "./target-config.ts";

/** One row of an answer. */
export type Row = Readonly<Record<string, unknown>>;

/** How a pool differs from the plain one. */
export interface AdminPoolOptions {
  readonly max: number;
  /** Another database of the same cluster. */
  readonly database?: string | undefined;
}

/** The broker's own connections to one database. */
export class AdminPool implements AsyncDisposable {
  readonly #pool: Pool;

  constructor({ admin, database }: PostgresTargetConfig, options: AdminPoolOptions) {
    this.#pool = new Pool({
      host: admin.host,
      port: admin.port,
      user: admin.user,
      password: admin.password,
      ssl: admin.tls ?? false,
      database: options.database ?? database,
      max: options.max,
      application_name: "mayfly-broker",
      connectionTimeoutMillis: 5_000,
      statement_timeout: 10_000,
      lock_timeout: 2_000,
      query_timeout: 15_000,
      keepAlive: true,
    });
    // An idle connection that breaks is replaced at the next use.
    this.#pool.on("error", () => undefined);
  }

  /** One statement. @throws {LeaseError} TARGET_UNAVAILABLE; the database's own error */
  async query(text: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    const { rows } = await this.#run(() => this.#pool.query<Row>(text, [...values]));
    return rows;
  }

  /** Statements in one transaction and one round trip; what the last one answers. @throws as `query` */
  async script(statements: readonly string[]): Promise<readonly Row[]> {
    if (statements.length === 0) return [];
    const answer: unknown = await this.#run(() => this.#pool.query(statements.join(";\n")));
    const last = (Array.isArray(answer) ? answer.at(-1) : answer) as { rows?: readonly Row[] } | undefined;
    return last?.rows ?? [];
  }

  /** Statements one after the other on one connection, each in its own transaction; the connection is not used again. @throws as `query` */
  async session(statements: readonly string[]): Promise<void> {
    await this.#run(async () => {
      const client = await this.#pool.connect();
      try {
        for (const statement of statements) await client.query(statement);
      } finally {
        client.release(true);
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.end();
  }

  async #run<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      if (sqlState(error) !== undefined && !isLost(error)) throw error;
      throw new LeaseError("TARGET_UNAVAILABLE", "the database can't be reached", { cause: error });
    }
  }
}

/** The five characters of an error that the database itself reported. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof DatabaseError ? error.code : undefined;
}

/** The session ended, or there is none to be had: class 57P and 53. */
function isLost(error: unknown): boolean {
  const state = sqlState(error) ?? "";
  return state.startsWith("57P") || state.startsWith("53") || state.startsWith("08");
}
