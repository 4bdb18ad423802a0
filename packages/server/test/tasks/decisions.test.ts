// SPDX-License-Identifier: Apache-2.0
import type { LogRecord } from "@mayfly/journal";
import { mayflyCallsService, mayflyLeasesService, type RecordDecisionRequest, type Sent } from "@mayfly/rpc";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ExportedLog } from "./exported-log.ts";
import { gatewayId } from "./ids.ts";
import { codeOf, policyDigest, TaskWorld, until } from "./task-world.ts";

const { RecordDecision } = mayflyCallsService.methods;

describe("decisions that begin no call", () => {
  let world: TaskWorld;
  beforeAll(async () => {
    world = await TaskWorld.start();
  });
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
  });

  async function tell(request: Sent<RecordDecisionRequest>): Promise<{ record_index: string; summed: boolean }> {
    return await world.gateway.unary(RecordDecision, request);
  }

  async function records(): Promise<readonly LogRecord[]> {
    const log = await ExportedLog.from(world.admin);
    return log.records.filter(({ kind }) => kind === "decision");
  }

  it("are in the record before they are answered, with all that ties them to task, certificate and policy", async () => {
    const task = await world.startTask();
    const told = await tell({
      kind: "list",
      task_id: task.id,
      svid_serial: "c0ffee",
      subject: task.spiffe_id,
      server: "orders",
      allowed: true,
      shown: ["orders.query", "orders.refund"],
      policy_digest: policyDigest,
      policy_ids: ["orders"],
      decision_id: "d-1",
      trace_id: "ab".repeat(16),
    });
    await until(async () => (await ExportedLog.from(world.admin)).entries.length > Number(told.record_index));
    const { records: all } = await ExportedLog.from(world.admin);
    expect(all[Number(told.record_index)]).toMatchObject({
      kind: "decision",
      phase: "event",
      decision: "allow",
      actor: gatewayId,
      task: task.id,
      agent: task.spiffe_id,
      serial: "c0ffee",
      tool: "orders",
      policy_digest: policyDigest,
      body: { act: "list", shown: ["orders.query", "orders.refund"], policy_ids: ["orders"], decision_id: "d-1" },
    });
    await world.end(task.id);
  });

  it("lists and refusals of one task are counted above a burst, evaluations never", async () => {
    const [looping, other] = [await world.startTask(), await world.startTask()];
    const refused = { kind: "refused", task_id: looping.id, tool: "nothing", reasons: ["TOOL_UNKNOWN"] };
    const answers = [];
    for (let n = 0; n < 25; n += 1) answers.push(await tell(refused));
    expect(answers.map(({ summed }) => summed).indexOf(true)).toBe(20);
    expect(answers.slice(20).every(({ summed, record_index: index }) => summed && index === "0")).toBe(true);
    expect(await tell({ ...refused, task_id: other.id })).toMatchObject({ summed: false });
    expect(await tell({ ...refused, kind: "list", allowed: true })).toMatchObject({ summed: false });
    for (let n = 0; n < 25; n += 1) {
      expect(await tell({ kind: "evaluation", task_id: looping.id })).toMatchObject({ summed: false });
    }
    const mine = (await records()).filter(({ task }) => task === looping.id);
    expect(mine.filter(({ body }) => body["act"] === "refused")).toHaveLength(20);
    await world.kill("agent", "ops/bot");
  });

  it("one that is not of its form is refused with its code, as is who is no gateway", async () => {
    const bad: Sent<RecordDecisionRequest>[] = [
      { kind: "call" },
      { kind: "list", task_id: "t-1" },
      { kind: "refused", shown: ["orders.query"] },
      { kind: "list", shown: Array.from({ length: 257 }, () => "x") },
      { kind: "refused", tool: "x".repeat(257) },
      { kind: "refused", arguments_digest: "sha-256:00" },
      { kind: "refused", reasons: ["x".repeat(257)] },
    ];
    for (const request of bad) expect(await codeOf(tell(request))).toBe("DECISION_MALFORMED");
    expect(await codeOf(world.broker.unary(RecordDecision, { kind: "list" }))).toMatch(/authorization denied/);
  });

  it("a lease that nobody knows is not found", async () => {
    const lost = world.broker.unary(mayflyLeasesService.methods.GetLease, { id: "l-none" });
    expect(await codeOf(lost)).toContain('there is no lease "l-none"');
  });
});
