// SPDX-License-Identifier: Apache-2.0
import { verifyLog } from "@mayfly/journal";
import { mayflyCallsService, mayflyTasksService } from "@mayfly/rpc";
import { expect, it } from "vitest";
import { ExportedLog } from "./exported-log.ts";
import { GuardUnderTest } from "./guard-under-test.ts";
import { gatewayId } from "./ids.ts";
import { TaskWorld, until } from "./task-world.ts";

const evidence_json = JSON.stringify({ method: "none-left", detail: { connections: 0 } });

it("calls of a gateway that is gone past its fence are recorded as unknown, once, and those of one that lives stay open", async () => {
  await using world = await TaskWorld.start("T2");
  const task = await world.startTask();
  const gateway = new GuardUnderTest(world.gateway, "gateway");
  await until(() => gateway.state(task.id) === "active");
  const connection = { kind: "connection", ref: "10.0.0.9:1", gone: false };
  gateway.report({ task_id: task.id, revision: task.revision, grants: [connection], done: false });
  const { call_id: lost } = await world.begin(world.call(task));
  const { call_id: done } = await world.begin(world.call(task));
  await world.finish(done);

  const outcomesOf = async (id: string): Promise<readonly unknown[]> =>
    (await ExportedLog.from(world.admin)).records
      .filter((record) => record.id === id && record.phase === "outcome")
      .map(({ body }) => body);
  // Longer than the fence of T2, and than the look after it.
  const { beats } = gateway;
  await until(() => gateway.beats > beats + 25, 20_000);
  expect(await outcomesOf(lost)).toEqual([]);

  gateway.stop();
  await gateway.over;
  await until(async () => (await outcomesOf(lost)).length > 0, 15_000);
  expect(await outcomesOf(lost)).toEqual([{ result: "unknown", detail: "GATEWAY_LOST" }]);
  // It comes back, and what it says comes too late.
  const again = new GuardUnderTest(world.gateway, "gateway");
  await world.finish(lost);
  expect(await outcomesOf(lost)).toHaveLength(1);
  const { grants } = await world.admin.unary(mayflyTasksService.methods.GetTask, { id: task.id });
  expect(grants.find(({ kind }) => kind === "connection")).toMatchObject({ guard: gatewayId, state: "live" });

  await until(() => again.state(task.id) === "active");
  const ended = world.end(task.id);
  await until(() => again.state(task.id) === "ending");
  const revision = again.tasks.get(task.id)?.revision ?? "";
  const word = { kind: "connection", ref: "*", gone: true, evidence_json };
  again.report({ task_id: task.id, revision, grants: [word], done: true });
  expect(await ended).toMatchObject({ summary: { quiet: true, grants: 2, stuck: 0 } });
  again.stop();
  const log = await ExportedLog.from(world.admin);
  expect((await verifyLog(log, { vkey: log.vkey })).problems).toEqual([]);
  const finish = { call_id: "c-none", outcome: "done", detail: "", duration_ms: 1 };
  await expect(world.gateway.unary(mayflyCallsService.methods.FinishCall, finish)).rejects.toThrow("no such call");
}, 60_000);

it("calls that an earlier process of a gateway had begun are unknown a fence after the present one came, and its own stay open", async () => {
  await using world = await TaskWorld.start("T2");
  const task = await world.startTask();
  const started = performance.now();
  const before = new GuardUnderTest(world.gateway, "gateway", { processAgeMs: 60_000 });
  await until(() => before.state(task.id) === "active");
  const { call_id: old } = await world.begin(world.call(task));
  before.stop();
  await before.over;
  const stateOf = async (id: string): Promise<unknown> =>
    (await ExportedLog.from(world.admin)).records.find((record) => record.id === id && record.phase === "outcome")
      ?.body;

  // The same process comes back: what it has begun goes on.
  const same = new GuardUnderTest(world.gateway, "gateway", {
    processAgeMs: 60_000 + Math.ceil(performance.now() - started),
  });
  await until(() => same.beats > 25, 20_000);
  expect(await stateOf(old)).toBeUndefined();
  same.stop();
  await same.over;

  const next = new GuardUnderTest(world.gateway, "gateway", { processAgeMs: 1 });
  await until(() => next.state(task.id) === "active");
  const { call_id: own } = await world.begin(world.call(task));
  await until(async () => (await stateOf(old)) !== undefined, 15_000);
  expect(await stateOf(old)).toEqual({ result: "unknown", detail: "GATEWAY_LOST" });
  expect(await stateOf(own)).toBeUndefined();
  await world.finish(own);
  next.stop();
}, 60_000);
