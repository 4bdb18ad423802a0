// SPDX-License-Identifier: Apache-2.0
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { mayflyAccountsService, mayflyLeasesService, type RpcChannel } from "@mayfly/rpc";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { System } from "../mayfly.ts";
import { openAs, startPeople } from "./task-people.ts";

const { TakeOrders, FinishOrder } = mayflyAccountsService.methods;
let system: System;
let broker: RpcChannel;
beforeAll(async () => {
  system = await startPeople({ withAgent: false });
  broker = await openAs(system, "/broker");
  const plain = { target: "orders", last_activity_ms: "0", can_login: true };
  const accounts = [
    { ...plain, account: "billing_app", legacy: true },
    { ...plain, account: "stray", legacy: false },
  ];
  await broker.unary(mayflyLeasesService.methods.ReportUnmanaged, { target: "orders", accounts });
});
afterAll(async () => {
  broker.close();
  await system[Symbol.asyncDispose]();
});

/** A broker that carries out what is ordered, or says why not. */
async function carryOut(problem = ""): Promise<{ readonly order: string; readonly verifier: string }> {
  for (;;) {
    const [first] = (await broker.unary(TakeOrders, { target: "orders" })).orders;
    if (first === undefined) continue;
    const { id, account, order, verifier } = first;
    await broker.unary(FinishOrder, { target: "orders", account, id, problem, sessions_cut: 2 });
    return { order, verifier };
  }
}

describe("mayfly account", () => {
  it("lists accounts that no lease explains, with their alarms, and so do inventory and status", async () => {
    const { accounts } = await system.json<{ accounts: object[] }>("account", "list");
    expect(accounts).toMatchObject([
      { account: "billing_app", legacy: true, owner: null, alarms: [], first_seen: expect.any(String) as string },
      { account: "stray", legacy: false, owner: null, alarms: ["UNOWNED"] },
    ]);
    expect(await system.json("inventory")).toMatchObject({ unmanaged_accounts: accounts });
    expect(await system.json("status")).toMatchObject({ accounts_unmanaged: 1 });
    const { stdout } = await system.run(["account", "list", "--target", "orders"]);
    expect(stdout).toMatch(/^orders\/stray +nobody +yes +not known .*UNOWNED$/m);
    expect((await system.run(["inventory"])).stdout).toMatch(/^orders\/stray +nobody /m);
  });

  it("makes an operator answer for one up to an end, and tells when that is over", async () => {
    const words = ["orders/stray", "--owner", "dana", "--reason", "found"];
    const adopted = await system.json("account", "adopt", ...words, "--expires-in", "2s");
    expect(adopted).toMatchObject({ owner: "dana", adopted_by: "local", alarms: [] });
    expect(await system.json("status")).toMatchObject({ accounts_unmanaged: 0 });
    await expect
      .poll(async () => await system.json("account", "list"), { timeout: 20_000 })
      .toMatchObject({ accounts: [{}, { account: "stray", alarms: ["EXPIRED"] }] });
    const { stdout } = await system.run(["account", "adopt", ...words, "--expires-in", "24h"]);
    expect(stdout).toMatch(/^dana answers for orders\/stray, which ends in (1d|23h 59m)/);
    const { stdout: records } = await system.run(["log", "show", "--kind", "grant"]);
    expect(records).toMatch(/grant intent .*account=stray act=adopt-account .*owner=dana target=orders why=found/);
  });

  it("has its broker give an account a new password, which is in the file and nowhere else", async () => {
    const file = join(system.directory, "billing.password");
    const rotating = system.json("account", "rotate", "orders/billing_app", "--password-file", file);
    const { order, verifier } = await carryOut();
    const done = { order: null, rotated_at: expect.any(String) as string, password_file: file };
    expect(await rotating).toMatchObject(done);
    const password = readFileSync(file, "utf8").trim();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect({ order, isVerifier: verifier.startsWith("SCRAM-SHA-256$4096:") }).toEqual({
      order: "rotate",
      isVerifier: true,
    });
    const { stdout } = await system.run(["log", "show", "--output", "json"]);
    expect(stdout).toContain("rotate-account");
    for (const secret of [password, verifier]) expect(stdout).not.toContain(secret);
  });

  it("keeps the old password's file until the broker has set the new one", async () => {
    const file = join(system.directory, "billing.password");
    const before = readFileSync(file, "utf8");
    const rotating = system.run(["account", "rotate", "orders/billing_app", "--password-file", file]);
    await carryOut("the database is away");
    expect((await rotating).stderr).toMatch(/^error: ORDER_FAILED: /);
    expect(readFileSync(file, "utf8")).toBe(before);
    expect(readFileSync(`${file}.new`, "utf8")).not.toBe(before);
    await carryOut();
  });

  it("says why a broker could not do it, and lets nobody touch what its configuration does not name", async () => {
    const isolating = system.run(["account", "isolate", "orders/billing_app", "--reason", "moved"]);
    await carryOut("the role may not be altered");
    expect(await isolating).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(
        /^error: ORDER_FAILED: orders\/billing_app: the role may not be altered\nhint: /,
      ) as string,
    });
    expect(await system.json("account", "list")).toMatchObject({ accounts: [{ alarms: ["ORDER_FAILED"] }, {}] });
    const { status, stderr } = await system.run(["account", "isolate", "orders/stray", "--reason", "x"]);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(/^error: ACCOUNT_NOT_NAMED: .*\nhint: .*legacy_roles/) as string,
    });
  });

  it.each([
    ["no account", ["isolate", "stray", "--reason", "x"], 2, /USAGE: .*is not target\/account/],
    ["an account that is not there", ["isolate", "orders/none", "--reason", "x"], 1, /ACCOUNT_UNKNOWN: /],
    ["an owner who is none", ["adopt", "orders/stray", "--owner", "x", "--expires-in", "1h"], 1, /OWNER_UNKNOWN: /],
    ["an adoption for ever", ["adopt", "orders/stray", "--owner", "dana"], 2, /USAGE: missing: --expires-in/],
    ["one for years", ["adopt", "orders/stray", "--owner", "dana", "--expires-in", "9999h"], 1, /ends within a year/],
    [
      "a rotation to nowhere",
      ["rotate", "orders/billing_app", "--password-file", "/dev/null/x"],
      1,
      /FILE_NOT_WRITTEN: /,
    ],
  ] as const)("refuses %s", async (_what, words, status, stderr) => {
    expect(await system.run(["account", ...words])).toEqual({
      status,
      stdout: "",
      stderr: expect.stringMatching(stderr) as string,
    });
  });
});
