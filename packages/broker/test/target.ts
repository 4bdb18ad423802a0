// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { type PostgresLogin, TestPostgres, type TestPostgresOptions } from "@mayfly/testkit";
import { Client, escapeIdentifier, Pool } from "pg";
import type { PostgresTargetConfig } from "../src/postgres/target-config.ts";

export const brokerPassword = "of the broker, for tests";

/** A cluster set up for leases by `sql/setup.sql`, with a table that leases may read and write. */
export class LeaseCluster implements AsyncDisposable {
  readonly postgres: TestPostgres;
  readonly superuser: Pool;
  readonly #clients: Client[] = [];

  private constructor(postgres: TestPostgres, superuser: Pool) {
    this.postgres = postgres;
    this.superuser = superuser;
  }

  static async start(options: TestPostgresOptions = {}, group = "readers"): Promise<LeaseCluster> {
    const postgres = await TestPostgres.start(options);
    const superuser = new Pool({ ...postgres.login(), max: 1 });
    superuser.on("error", () => undefined);
    await setUp(superuser, group);
    return new LeaseCluster(postgres, superuser);
  }

  config(over: Partial<PostgresTargetConfig> = {}): PostgresTargetConfig {
    const { host, port, database } = this.postgres.login();
    const admin = { host, port, user: "mayfly_broker", password: () => brokerPassword };
    return { name: "orders", database, group: "readers", admin, ...over };
  }

  /** A session that the cluster's end, or its own, may cut. */
  async login(over: Partial<PostgresLogin> & { readonly options?: string }): Promise<Client> {
    const client = new Client({
      ...this.postgres.login(over),
      ...(over.options === undefined ? {} : { options: over.options }),
    });
    client.on("error", () => undefined);
    this.#clients.push(client);
    await client.connect();
    return client;
  }

  /** Names of roles that begin so. */
  async roles(prefix = "mayfly\\_t"): Promise<string[]> {
    const { rows } = await this.superuser.query<{ name: string }>(
      "SELECT rolname AS name FROM pg_roles WHERE rolname LIKE $1",
      [`${prefix}%`],
    );
    return rows.map(({ name }) => name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of [...this.#clients, this.superuser]) await client.end().catch(() => undefined);
    await this.postgres[Symbol.asyncDispose]();
  }
}

/** What `psql` makes of the file: variables filled in, and the one \gexec done. */
async function setUp(superuser: Pool, group: string): Promise<void> {
  const readers = escapeIdentifier(group);
  const text = readFileSync(new URL("../sql/setup.sql", import.meta.url), "utf8")
    .replaceAll(':"broker"', "mayfly_broker")
    .replaceAll(':"readers"', () => readers)
    .replace(/^SELECT format.*$/m, "REVOKE CREATE, TEMPORARY ON DATABASE postgres FROM PUBLIC;");
  await superuser.query(text);
  await superuser.query(`ALTER ROLE mayfly_broker PASSWORD '${brokerPassword}'; CREATE TABLE orders (id int, note text);
    INSERT INTO orders VALUES (1, 'a secret'); GRANT SELECT, INSERT ON orders TO ${readers}`);
}
