// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from "node:crypto";
import { chmodSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { TestPostgres } from "@mayfly/testkit";
import { output } from "../../processes.ts";

const setup = fileURLToPath(new URL("../../../packages/broker/sql/setup.sql", import.meta.url));
const tables = `
  CREATE TABLE orders (id int PRIMARY KEY, customer text NOT NULL, total int NOT NULL);
  CREATE TABLE refunds (id int GENERATED ALWAYS AS IDENTITY, order_id int NOT NULL, amount int NOT NULL);
  INSERT INTO orders VALUES (1, 'Ada', 120), (2, 'Bo', 45), (3, 'Cy', 4000);
  GRANT SELECT ON orders TO orders_tools;
  GRANT SELECT, INSERT ON refunds TO orders_tools;`;

/** The database `orders` in a PostgreSQL of its own, set up for the broker with `psql`, and looked at with `psql` only. */
export class OrdersDatabase implements AsyncDisposable {
  readonly postgres: TestPostgres;
  /** Of the role `mayfly_broker`. */
  readonly brokerPassword: string = randomBytes(18).toString("base64url");

  private constructor(postgres: TestPostgres) {
    this.postgres = postgres;
  }

  static async start(): Promise<OrdersDatabase> {
    await using resources = new AsyncDisposableStack();
    const database = resources.use(new OrdersDatabase(await TestPostgres.start()));
    // The broker is another user; PostgreSQL itself asks each for a password.
    chmodSync(database.postgres.login().host, 0o711);
    database.psql("postgres", ["-c", "CREATE DATABASE orders"]);
    database.psql("orders", ["-v", "broker=mayfly_broker", "-v", "readers=orders_tools", "-f", setup]);
    const password = `ALTER ROLE mayfly_broker PASSWORD '${database.brokerPassword}';`;
    database.psql("orders", ["-f", "-"], `${tables}\n${password}`);
    resources.move();
    return database;
  }

  /** Names of the roles that the broker made for leases. */
  leasedRoles(): string[] {
    return this.query("SELECT rolname FROM pg_roles WHERE rolname LIKE 'mayfly\\_t\\_%' ORDER BY 1")
      .split("\n")
      .filter(Boolean);
  }

  /** How many sessions such roles have. */
  leasedSessions(): number {
    const sessions = "FROM pg_stat_activity WHERE usename LIKE 'mayfly\\_t\\_%'";
    return Number(this.query(`SELECT count(*) ${sessions}`));
  }

  /** What `\du` says of a role, by line. */
  describeRole(role: string): string[] {
    const table = this.psql("orders", ["-c", `\\du ${role}`]).split("\n");
    return table.map((line) => line.trimEnd()).filter((line) => line !== "" && !line.includes("List of roles"));
  }

  /** How many refunds were made, and their sum: `1|40`. */
  refunds(): string {
    return this.query("SELECT count(*), coalesce(sum(amount), 0) FROM refunds");
  }

  /** What a query gives, unaligned: rows by line, columns by `|`. */
  query(sql: string): string {
    return this.psql("orders", ["-At", "-c", sql]).trim();
  }

  /** Runs `psql` as the superuser, with quiet output. @throws when it fails */
  psql(name: string, words: readonly string[], input = ""): string {
    const { host, port, user, password } = this.postgres.login();
    const env = { PGHOST: host, PGPORT: String(port), PGUSER: user, PGPASSWORD: password };
    return output(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", ...words, name], { env, input });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.postgres[Symbol.asyncDispose]();
  }
}
