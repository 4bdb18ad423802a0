// SPDX-License-Identifier: Apache-2.0
import { silentLogger } from "@mayfly/telemetry";
import { expectCode } from "@mayfly/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PostgresTarget } from "../src/postgres/postgres-target.ts";
import { LeaseCluster } from "./target.ts";

const groups = [
  `a"; DROP TABLE orders; --`,
  `a'||pg_sleep(9)||'`,
  "$$; DROP TABLE orders; $$",
  `x\\'; DROP`,
  "select",
  `"`,
  "ünïcode 名",
];
let cluster: LeaseCluster;
beforeAll(async () => {
  cluster = await LeaseCluster.start();
});
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
});

describe("SEC-D08 hostile names", () => {
  it.each(groups)("of a group, %j, are only names", async (group) => {
    const quoted = `"${group.replaceAll('"', '""')}"`;
    await cluster.superuser.query(
      `CREATE ROLE ${quoted} NOLOGIN; GRANT ${quoted} TO mayfly_broker WITH ADMIN OPTION; GRANT SELECT ON orders TO ${quoted}`,
    );
    await using target = await PostgresTarget.open(cluster.config({ group }), silentLogger);
    const notAfter = new Date(Date.now() + 60_000);
    const account = await target.createAccount({
      name: "mayfly_t_x",
      taskId: `t'; DROP TABLE orders; --\\`,
      notAfter,
      mode: "leased",
    });
    const session = await cluster.login({ user: account.name, password: account.secret.reveal() });
    const { rows } = await session.query("SELECT current_setting('application_name') AS app, note FROM orders");
    expect(rows).toEqual([{ app: `task:t'; DROP TABLE orders; --\\`, note: "a secret" }]);
    expect(await target.endAccount(account)).toMatchObject({ role_absent: true, sessions_cut: 1 });
    const left = await cluster.superuser.query("SELECT count(*)::int AS n FROM orders");
    expect(left.rows).toEqual([{ n: 1 }]);
  });

  it.each([
    `mayfly_a"; DROP ROLE readers; --`,
    "mayfly_a'||'",
    "mayfly_$$",
    "mayfly_A",
    "mayfly_",
    "other_a",
    `mayfly_${"x".repeat(60)}`,
    "mayfly_\0",
  ])("of an account, %j, are refused before the database hears of them", async (name) => {
    await using target = await PostgresTarget.open(cluster.config(), silentLogger);
    const order = { name, taskId: "t-1", notAfter: new Date(Date.now() + 60_000), mode: "leased" } as const;
    await expectCode(target.createAccount(order), "BAD_ACCOUNT");
    await expectCode(target.endAccount({ name }), "BAD_ACCOUNT");
  });

  it("of prepared transactions and databases are only names", async () => {
    await cluster.superuser.query(`CREATE DATABASE "d""; DROP TABLE orders; --"`);
    await using target = await PostgresTarget.open(cluster.config({ connectionLimit: 5 }), silentLogger);
    const notAfter = new Date(Date.now() + 60_000);
    const account = await target.createAccount({ name: "mayfly_t_gid", taskId: "t-1", notAfter, mode: "leased" });
    const login = { user: account.name, password: account.secret.reveal() };
    const there = await cluster.login({ ...login, database: `d"; DROP TABLE orders; --` });
    await there.query(`BEGIN; SELECT lo_create(0); PREPARE TRANSACTION E'\\\\''; DROP TABLE orders; --'`);
    await there.query("SELECT lo_create(0)");
    const detail = await target.endAccount(account);
    expect(detail).toMatchObject({ prepared_rolled_back: 1, objects_dropped: 1 });
  });
});

describe("a target that could not end its leases", () => {
  it.each([
    ["CREATE ROLE bad LOGIN", "log in"],
    ["CREATE ROLE bad NOLOGIN CREATEROLE", "create roles"],
    ["CREATE ROLE bad NOLOGIN; GRANT pg_execute_server_program TO bad", "pg_execute_server_program"],
    ["CREATE ROLE bad NOLOGIN; CREATE TABLE theirs (a int); ALTER TABLE theirs OWNER TO bad", "owns objects"],
    ["CREATE ROLE bad NOLOGIN; CREATE SCHEMA open; GRANT CREATE ON SCHEMA open TO bad", "create in"],
    ["CREATE ROLE bad NOLOGIN; GRANT CREATE ON DATABASE postgres TO bad", "create schemas"],
    ["CREATE ROLE bad NOLOGIN; GRANT SELECT ON orders TO bad WITH GRANT OPTION", "grant its rights"],
    ["SELECT 1", "does not exist"],
  ])("is not used: %s", async (sql, problem) => {
    await cluster.superuser.query(sql);
    try {
      const error = await expectCode(
        PostgresTarget.open(cluster.config({ group: "bad" }), silentLogger),
        "TARGET_UNSAFE",
      );
      expect(error.message).toContain(problem);
    } finally {
      await cluster.superuser.query("DROP SCHEMA IF EXISTS open CASCADE; DROP TABLE IF EXISTS theirs");
      if (problem !== "does not exist") await cluster.superuser.query("DROP OWNED BY bad; DROP ROLE bad");
    }
  });

  it("is not used by a broker that lacks the rights for it", async () => {
    await cluster.superuser.query("CREATE ROLE weak LOGIN PASSWORD 'x'");
    const { admin, ...config } = cluster.config();
    const weak = { ...config, admin: { ...admin, user: "weak", password: () => "x" } };
    const error = await expectCode(PostgresTarget.open(weak, silentLogger), "TARGET_UNSAFE");
    expect(error).toHaveProperty("problems.length", 3);
  });
});
