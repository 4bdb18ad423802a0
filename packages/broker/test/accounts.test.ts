// SPDX-License-Identifier: Apache-2.0
import { createLogger } from "@mayfly/telemetry";
import { expectCode } from "@mayfly/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PostgresTarget } from "../src/postgres/postgres-target.ts";
import { scramVerifier } from "../src/postgres/scram-verifier.ts";
import { Secret } from "../src/postgres/secret.ts";
import { LeaseCluster } from "./target.ts";

const old = "of the old days";
let cluster: LeaseCluster;
let target: PostgresTarget;
beforeAll(async () => {
  cluster = await LeaseCluster.start();
  const legacyRoles = ["billing_app", "reports", "boss", "readers", "mayfly_broker", "nobody_there"];
  target = await PostgresTarget.open(cluster.config({ legacyRoles }), createLogger({ level: "error", format: "json" }));
  for (const role of ["billing_app", "reports", "stray"])
    await cluster.superuser.query(`CREATE ROLE ${role} LOGIN PASSWORD '${old}'`);
  await cluster.superuser.query(`CREATE ROLE boss LOGIN SUPERUSER PASSWORD '${old}'`);
});
afterAll(async () => {
  await target[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
});

/** Whether the account may log in with the password. */
async function logsIn(user: string, password: string): Promise<boolean> {
  const client = await cluster.login({ user, password }).catch(() => undefined);
  await client?.end();
  return client !== undefined;
}

async function newVerifier(): Promise<string> {
  return await scramVerifier(Secret.random());
}

describe("an account that is no lease's", () => {
  it("gets a new password, and who logged in with the old one is cut off", async () => {
    const held = await cluster.login({ user: "billing_app", password: old });
    const ended = new Promise((resolve) => held.once("end", resolve));
    const secret = Secret.random();
    expect(await target.rotate("billing_app", await scramVerifier(secret))).toBe(1);
    await ended;
    expect(await logsIn("billing_app", old)).toBe(false);
    expect(await logsIn("billing_app", secret.reveal())).toBe(true);
  });

  it("is closed: no login, no session", async () => {
    const sessions = await Promise.all([1, 2].map(() => cluster.login({ user: "reports", password: old })));
    const ended = Promise.all(sessions.map((each) => new Promise((resolve) => each.once("end", resolve))));
    expect(await target.isolate("reports")).toBe(2);
    await ended;
    expect(await logsIn("reports", old)).toBe(false);
    const found = (await target.accounts()).find(({ name }) => name === "reports");
    expect(found).toMatchObject({ canLogin: false, isLegacy: true });
    expect(await target.isolate("reports")).toBe(0);
  });

  it("is not touched when the configuration does not name it, nor when it is the broker's own or its group", async () => {
    for (const name of ["stray", "mayfly_broker", "readers", "postgres"]) {
      await expectCode(target.isolate(name), "BAD_ACCOUNT");
      await expectCode(target.rotate(name, await newVerifier()), "BAD_ACCOUNT");
    }
    expect(await logsIn("stray", old)).toBe(true);
  });

  it("gets no password in clear, which the database's log could hold", async () => {
    await expectCode(target.rotate("billing_app", "a password"), "BAD_ACCOUNT");
    await expectCode(target.rotate("billing_app", `${await newVerifier()}' SUPERUSER --`), "BAD_ACCOUNT");
  });

  it("says so when the database refuses: a superuser is out of the broker's reach, and so is one that is not there", async () => {
    expect((await expectCode(target.isolate("boss"), "STILL_ALIVE")).message).toContain("42501");
    expect((await expectCode(target.isolate("nobody_there"), "STILL_ALIVE")).message).toContain("42704");
    expect(await logsIn("boss", old)).toBe(true);
  });
});
