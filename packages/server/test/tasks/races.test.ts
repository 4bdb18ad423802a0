// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { verifyLog } from "@mayfly/journal";
import { mayflyTasksService, type TaskMessage } from "@mayfly/rpc";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ExportedLog, unfinished } from "./exported-log.ts";
import { GuardUnderTest } from "./guard-under-test.ts";
import { TaskWorld, until } from "./task-world.ts";

const racers = 200;

function countBy(values: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

describe("many at once", () => {
  let world: TaskWorld;
  let gateway: GuardUnderTest;

  beforeAll(async () => {
    world = await TaskWorld.start("T3");
    gateway = new GuardUnderTest(world.gateway, "gateway");
  });
  afterAll(async () => {
    gateway.stop();
    await world[Symbol.asyncDispose]();
  });

  async function race(task: TaskMessage, fields: object, args: string): Promise<Record<string, number>> {
    const begun = await Promise.all(Array.from({ length: racers }, () => world.begin(world.call(task, fields, args))));
    for (const { call_id: id } of begun) if (id !== "") await world.finish(id);
    return countBy(begun.map(({ refusal }) => refusal));
  }

  it("APR-D05: of 200 calls with one approval exactly one is let through", async () => {
    const task = await world.startTask();
    const args = '{"amount":4000}';
    const fields = { tool: "orders.refund", effect: "irreversible" };
    const approval = await world.askApproval(world.call(task, fields, args), args);
    await world.decide(approval, world.lee);
    // At T3 it takes two.
    const pat = await world.approver("pat");
    expect(await world.decide(approval, pat)).toMatchObject({ state: "approved" });
    const counts = await race(task, { ...fields, approval_id: approval.id }, args);
    expect(counts).toEqual({ "": 1, APPROVAL_CONSUMED: racers - 1 });
  });

  it("of 200 calls with a budget of 7 exactly 7 are let through", async () => {
    const task = await world.startTask();
    const counts = await race(task, { tool: "orders.refund", effect: "irreversible" }, "{}");
    expect(counts).toEqual({ "": 7, BUDGET_SPENT: racers - 7 });
  });

  it("ends ahead of a thousand writes that wait, and tells the guards first", async () => {
    const task = await world.startTask();
    await until(() => gateway.state(task.id) === "active");
    const load = Array.from({ length: 1000 }, () => world.begin(world.call(task)));
    await sleep(5);
    const started = performance.now();
    const ended = world.end(task.id, "revoked");
    await until(() => gateway.state(task.id) !== "active");
    const toldMs = (gateway.toldAt.get(task.id) ?? 0) - started;
    await ended;
    const begun = await Promise.all(load);
    const afterwards = begun.filter(({ refusal }) => refusal === "").length;
    expect(begun.length - afterwards).toBeGreaterThan(0);
    expect(toldMs).toBeLessThan(1000);
    expect(await world.begin(world.call(task))).toMatchObject({ refusal: "TASK_NOT_ACTIVE" });
  });

  it("suspends the root of 13 tasks: within a second every call of all of them is refused", async () => {
    await world.addProfile("ops/tree", "T2");
    const root = await world.startTask({ agent: "ops/tree" });
    const family: TaskMessage[] = [root];
    // Three children, three of each: as many as the tier allows.
    for (const parent of family) {
      if (parent.depth < 2) for (let n = 0; n < 3; n += 1) family.push(await world.startChild(parent));
    }
    expect(family).toHaveLength(13);
    await until(() => family.every(({ id }) => gateway.state(id) === "active"));
    const started = performance.now();
    await world.admin.unary(mayflyTasksService.methods.SuspendTask, { id: root.id, why: "test" });
    await until(() => family.every(({ id }) => gateway.state(id) === "suspended"));
    for (const task of family)
      expect(await world.begin(world.call(task))).toMatchObject({ refusal: "TASK_NOT_ACTIVE" });
    expect(performance.now() - started).toBeLessThan(1000);
    await world.admin.unary(mayflyTasksService.methods.ResumeTask, { id: root.id, why: "test" });
    await until(() => family.every(({ id }) => gateway.state(id) === "active"));
  });

  it("the record of all of that verifies offline, no argument is in it, every allowed call has intent and outcome", async () => {
    for (const what of ["ops/bot", "ops/tree"]) {
      const killed = await world.kill("agent", what);
      expect(killed).toMatchObject({ quiet: true, stuck: 0 });
    }
    await sleep(500);
    const log = await ExportedLog.from(world.admin);
    expect(log.entries.length).toBeGreaterThan(500);
    const verdict = await verifyLog(log, { vkey: log.vkey });
    expect(verdict.problems).toEqual([]);
    expect(unfinished(log.entries)).toEqual([]);
    const text = log.entries.map((entry) => Buffer.from(entry).toString()).join("\n");
    expect(text).not.toContain('"amount"');
    expect(text).not.toContain("sha-256:");
    const broken = [...log.entries];
    broken[7] = Uint8Array.from(broken[7] ?? [], (byte, at) => (at === 40 ? byte ^ 1 : byte));
    const forged = Object.assign(Object.create(ExportedLog.prototype) as ExportedLog, log, { entries: broken });
    expect((await verifyLog(forged, { vkey: log.vkey })).problems[0]).toMatchObject({ code: "ROOT_MISMATCH" });
  });
});
