// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";
import { mayflyCallsService, mayflyLeasesService } from "@mayfly/rpc";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { System } from "../mayfly.ts";
import { openAs, type PrintedTask, startPeople, startTask, statedCall } from "./task-people.ts";

let system: System;
let task: PrintedTask;
let lease: string;
beforeAll(async () => {
  system = await startPeople({ withAgent: false });
  task = await startTask(system, join(system.directory, "ticket"));
  lease = await beginLease();
});
afterAll(() => system[Symbol.asyncDispose]());

/** What gateway and broker tell the server of one call and the account for it. */
async function beginLease(): Promise<string> {
  using gateway = await openAs(system, "/gateway");
  using broker = await openAs(system, "/broker");
  const stated = statedCall(task, "orders.query", "{}");
  const { call_id: call } = await gateway.unary(mayflyCallsService.methods.BeginCall, stated);
  const iss = "spiffe://example.org/gateway";
  const claims = { iss, task: task.id, call, tool: "orders.query" };
  const statement = `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.e30`;
  const { BeginLease, ReportLease, ReportUnmanaged } = mayflyLeasesService.methods;
  const holder = "spiffe://example.org/tool/orders";
  const request = { statement, target: "orders", mode: "brokered", holder, ttl_seconds: "60" };
  const begun = await broker.unary(BeginLease, request);
  const id = begun.lease?.id ?? "";
  await broker.unary(ReportLease, { id, state: "live" });
  const account = { target: "orders", account: "old_app", last_activity_ms: "1", can_login: true, legacy: true };
  await broker.unary(ReportUnmanaged, { target: "orders", accounts: [account] });
  return id;
}

describe("mayfly lease", () => {
  it("lists leases, and the accounts that no lease explains", async () => {
    const { leases, unmanaged } = await system.json<{ leases: object[]; unmanaged: object[] }>("lease", "list");
    expect(leases).toEqual([
      expect.objectContaining({
        id: lease,
        task_id: task.id,
        target: "orders",
        mode: "brokered",
        state: "live",
        problem: null,
      }),
    ]);
    expect(unmanaged).toEqual([
      {
        target: "orders",
        account: "old_app",
        can_login: true,
        legacy: true,
        last_activity: "1970-01-01T00:00:00.001Z",
      },
    ]);
    const none = await system.json("lease", "list", "--state", "stuck", "--task", task.id);
    expect(none).toMatchObject({ leases: [] });
    const { stdout } = await system.run(["lease", "list"]);
    expect(stdout).toMatch(/^old_app +orders +yes +yes +\d+d/m);
  });

  it("shows one, revokes it, and a task with it is not quiet before its end is proven", async () => {
    expect(await system.json("lease", "show", lease)).toMatchObject({
      id: lease,
      holder: "spiffe://example.org/tool/orders",
    });
    const { status, stdout } = await system.run(["lease", "revoke", lease, "--reason", "leaked"]);
    expect({ status, stdout }).toEqual({ status: 0, stdout: `${lease} is revoking\n` });
    const shown = await system.run(["log", "show", "--task", task.id, "--kind", "lease"]);
    expect(shown.stdout).toMatch(new RegExp(`lease intent .*lease=${lease} .*act=revoke why=leaked`));
    const inventory = await system.json("inventory");
    expect(inventory).toMatchObject({
      leases: { open: 1, stuck: 0, gone: 0 },
      unmanaged_accounts: [{ account: "old_app" }],
    });
  });

  it("a task whose lease is not proven to be gone ends with NOT_QUIET and exit 1", async () => {
    const { status, stdout, stderr } = await system.run(["task", "end", task.id]);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^1 task, not quiet yet$/m);
    expect(stdout).toMatch(new RegExp(`^${lease} +${task.id} +lease +ending `, "m"));
    expect(stderr).toMatch(/^error: NOT_QUIET: 1 of \d grants are not proven to be gone yet\nhint: /);
    expect(await system.json("task", "show", task.id)).toMatchObject({ task: { state: "ending" } });
  });

  it("does not know another", async () => {
    for (const words of [
      ["show", "l-x"],
      ["revoke", "l-x", "--reason", "x"],
    ]) {
      const { status, stderr } = await system.run(["lease", ...words]);
      expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(/^error: NOT_FOUND: /) as string });
    }
  });
});
