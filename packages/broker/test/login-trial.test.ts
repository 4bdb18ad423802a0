// SPDX-License-Identifier: Apache-2.0
import { silentLogger } from "@mayfly/telemetry";
import { expectCode } from "@mayfly/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { attemptLogin } from "../src/postgres/end/attempt-login.ts";
import { tryLogin } from "../src/postgres/end/try-login.ts";
import { PostgresTarget } from "../src/postgres/postgres-target.ts";
import { Secret } from "../src/postgres/secret.ts";
import { LeaseCluster } from "./target.ts";

let cluster: LeaseCluster;
beforeAll(async () => {
  cluster = await LeaseCluster.start();
});
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
});

describe("the trial of a credential", () => {
  it("tells a session from a role that may not log in, a wrong password, a role that is gone, and no answer", async () => {
    const config = cluster.config();
    await using target = await PostgresTarget.open(config, silentLogger);
    const notAfter = new Date(Date.now() + 60_000);
    const { name, secret } = await target.createAccount({
      name: "mayfly_t_trial",
      taskId: "t-1",
      notAfter,
      mode: "leased",
    });
    expect(await attemptLogin(config, name, secret)).toBe("");
    await expectCode(tryLogin(config, name, secret), "STILL_ALIVE");
    expect(await attemptLogin(config, name, Secret.random())).toBe("28P01");
    await cluster.superuser.query(`ALTER ROLE ${name} NOLOGIN`);
    expect(await tryLogin(config, name, secret)).toBe("28000");
    await target.endAccount({ name });
    expect(await tryLogin(config, name, secret)).toBe("28P01");
    const nobody = { ...config, admin: { ...config.admin, host: "/nowhere" } };
    await expectCode(tryLogin(nobody, name, secret), "TARGET_UNAVAILABLE");
  });
});
