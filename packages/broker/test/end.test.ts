// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { silentLogger } from "@mayfly/telemetry";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Account, PostgresTarget } from "../src/postgres/postgres-target.ts";
import { LeaseCluster } from "./target.ts";

let cluster: LeaseCluster;
let target: PostgresTarget;
let made = 0;

beforeAll(async () => {
  cluster = await LeaseCluster.start();
  target = await PostgresTarget.open(cluster.config({ connectionLimit: 20 }), silentLogger);
});
afterAll(async () => {
  await target[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
});

async function makeAccount(notAfter = new Date(Date.now() + 60_000)): Promise<Account> {
  return await target.createAccount({ name: `mayfly_t_${++made}`, taskId: "t-1", notAfter, mode: "leased" });
}
const loginOf = ({ name, secret }: Account) => ({ user: name, password: secret.reveal() });

describe("the end of an account", () => {
  it("is proven by the refused login, the cut session and what the database no longer has", async () => {
    const account = await makeAccount();
    const session = await cluster.login(loginOf(account));
    const { rows } = await session.query("SELECT current_setting('application_name') AS name, note FROM orders");
    expect(rows).toEqual([{ name: "task:t-1", note: "a secret" }]);
    const detail = await target.endAccount(account);
    expect(detail).toMatchObject({
      role: account.name,
      role_oid: account.oid,
      sessions_cut: 1,
      late_sessions: 0,
      login: "28000",
      credential: "real",
      role_absent: true,
    });
    expect(detail["settled_ms"]).toBeGreaterThanOrEqual(250);
    await expect(session.query("SELECT 1")).rejects.toThrow();
    await expect(cluster.login(loginOf(account))).rejects.toHaveProperty("code", "28P01");
    expect(await cluster.roles(account.name)).toEqual([]);
  });

  it("leaves no session that took on the group by SET ROLE, no prepared transaction and no object", async () => {
    await cluster.superuser.query("CREATE SCHEMA open; GRANT CREATE, USAGE ON SCHEMA open TO PUBLIC");
    await cluster.superuser.query("CREATE DATABASE other");
    const account = await makeAccount();
    const prepared = await cluster.login(loginOf(account));
    await prepared.query("BEGIN; INSERT INTO orders VALUES (666); PREPARE TRANSACTION 'it''s \\ theirs'");
    await prepared.query(
      "CREATE TABLE open.theirs (a int); CREATE FUNCTION open.f() RETURNS int SECURITY DEFINER LANGUAGE sql AS 'SELECT 1'",
    );
    await cluster.superuser.query("CREATE VIEW open.rests AS SELECT * FROM open.theirs");
    const elsewhere = await cluster.login({ ...loginOf(account), database: "other" });
    await elsewhere.query("SELECT lo_create(0)");
    const escaped = await cluster.login(loginOf(account));
    await escaped.query("SET ROLE readers");
    const detail = await target.endAccount(account);
    expect(detail).toMatchObject({ sessions_cut: 3, prepared_rolled_back: 1 });
    expect(detail["objects_dropped"]).toBeGreaterThanOrEqual(3);
    await expect(escaped.query("SELECT * FROM orders")).rejects.toThrow();
    const left = await cluster.superuser.query(
      "SELECT (SELECT count(*)::int FROM pg_prepared_xacts) AS prepared, (SELECT count(*)::int FROM orders WHERE id = 666) AS rows, to_regclass('open.theirs') AS theirs",
    );
    expect(left.rows).toEqual([{ prepared: 0, rows: 0, theirs: null }]);
    await cluster.superuser.query("DROP SCHEMA open CASCADE");
  });

  it("waits for no clock: a login that puts off its own listing for seconds (post_auth_delay) is cut as well", async () => {
    const account = await makeAccount();
    const outcome = (async () => {
      try {
        const client = await cluster.login({ ...loginOf(account), options: "-c role=readers -c post_auth_delay=3" });
        return (await client.query("SELECT note FROM orders")).rows.length;
      } catch {
        return "cut";
      }
    })();
    await sleep(150);
    const detail = await target.endAccount(account);
    expect(detail).toMatchObject({ late_sessions: 0 });
    expect(detail["verified_ms"]).toBeLessThan(2_500);
    expect(await outcome).toBe("cut");
  });

  it("takes back a role that was lent, with the sessions of those who borrowed it", async () => {
    const [lender, borrower] = [await makeAccount(), await makeAccount()];
    await cluster.superuser.query(`GRANT ${lender.name} TO ${borrower.name}`);
    const escaped = await cluster.login(loginOf(borrower));
    await escaped.query(`SET ROLE ${lender.name}`);
    expect(await target.endAccount(lender)).toMatchObject({ borrowers: 1, memberships: 0 });
    await expect(escaped.query("SELECT * FROM orders")).rejects.toThrow();
    await target.endAccount(borrower);
  });

  it("SEC-D01 comes for logins with the time that the account was made for", async () => {
    const account = await makeAccount(new Date(Date.now() + 1_000));
    await sleep(2_000);
    await expect(cluster.login(loginOf(account))).rejects.toHaveProperty("code", "28P01");
    await target.endAccount(account);
  });

  it("is asked for again without harm, also by one who knows nothing but the name", async () => {
    const account = await makeAccount();
    await target.endAccount({ name: account.name });
    expect(await target.endAccount(account)).toMatchObject({ login: "28P01", sessions_cut: 0 });
    expect(await target.endAccount({ name: "mayfly_t_never" })).toMatchObject({ role_oid: 0, credential: "unknown" });
  });

  it("of many at once takes hardly longer than that of one", async () => {
    const accounts = await Promise.all(Array.from({ length: 20 }, () => makeAccount()));
    const sessions = await Promise.all(accounts.map((account) => cluster.login(loginOf(account))));
    const details = await Promise.all(accounts.map((account) => target.endAccount(account)));
    expect(details.map(({ sessions_cut: cut }) => cut)).toEqual(accounts.map(() => 1));
    for (const session of sessions) await expect(session.query("SELECT 1")).rejects.toThrow();
  });
});
