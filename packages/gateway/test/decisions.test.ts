// SPDX-License-Identifier: Apache-2.0
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type RawAgent, rawAgent } from "./world/agent.ts";
import { idOf } from "./world/identities.ts";
import { startWorld, type TestTask, type World } from "./world/world.ts";

let world: World;
let envoy: RawAgent;
beforeAll(async () => {
  world = await startWorld();
  envoy = rawAgent(world, "/envoy");
});
afterEach(() => {
  world.server.ledger.failure = undefined;
});
afterAll(async () => {
  envoy[Symbol.dispose]();
  await world[Symbol.asyncDispose]();
});

const recorded = () => world.server.ledger.decisions;

async function withAgent<T>(task: TestTask, act: (agent: RawAgent) => Promise<T>): Promise<T> {
  using agent = rawAgent(world, task.path);
  return await act(agent);
}

const evaluate = async (task: TestTask, table: string) =>
  await envoy.post(
    "/access/v1/evaluation",
    JSON.stringify({
      subject: { type: "task", id: task.id },
      action: { name: "call", properties: { arguments: { table } } },
      resource: { type: "tool", id: "orders/query" },
    }),
  );

describe("a list", () => {
  it("is in the record with what it showed, to whom, and by which policies", async () => {
    const task = world.start({ tier: "T2", scope: { tools: [{ server: "orders", tool: "query", effect: "read" }] } });
    const answer = await withAgent(task, (agent) => agent.mcp("tools/list"));
    expect(answer.status).toBe(200);
    const decision = recorded().at(-1);
    expect(decision).toMatchObject({
      kind: "list",
      taskId: task.id,
      subject: idOf(task.path),
      server: "orders",
      allowed: true,
      shown: ["query"],
      policyIds: ["list-in-scope"],
    });
    expect(decision?.svidSerial).toMatch(/^[0-9a-f]+$/);
    const span = world.spans.at(-1);
    expect(span).toMatchObject({ name: "tools/list", traceId: decision?.traceId });
    expect(span?.attributes["mayfly.decision.id"]).toBe(decision?.decisionId);
  });

  it("that can't be recorded is not shown where the record is written ahead, and is at T0", async () => {
    const [careful, plain] = [world.start({ tier: "T2" }), world.start({ tier: "T0" })];
    await withAgent(careful, (agent) => agent.mcp("tools/list"));
    world.server.ledger.failure = new Error("the disk is full");
    const refused = await withAgent(careful, (agent) => agent.mcp("tools/list"));
    expect(refused.status).toBe(503);
    expect(refused.json.error?.data).toMatchObject({ code: "UNAVAILABLE", reason: "RECORD_UNAVAILABLE" });
    expect((await withAgent(plain, (agent) => agent.mcp("tools/list"))).status).toBe(200);
  });
});

describe("a task that may do nothing", () => {
  it("is refused, and the refusal is in the record with its reason", async () => {
    const task = world.start({ state: "suspended" });
    const answer = await withAgent(task, (agent) => agent.call("refund", { order: "7", amount: 1 }));
    expect(answer.status).toBe(403);
    await expect
      .poll(() => recorded().findLast(({ kind }) => kind === "refused"))
      .toMatchObject({ taskId: task.id, tool: "refund", allowed: false, reasons: ["TASK_NOT_ACTIVE"], policyIds: [] });
  });

  it("is refused in a loop without waiting for the record", async () => {
    const task = world.start({ state: "suspended" });
    world.server.ledger.failure = new Error("the disk is full");
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => withAgent(task, (agent) => agent.mcp("tools/list"))),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([403]));
  });
});

describe("an answer to another enforcement point", () => {
  it("is in the record under the id that it names", async () => {
    const task = world.start({ tier: "T2" });
    await expect.poll(async () => (await evaluate(task, "orders")).json["decision"]).toBe(true);
    const { json } = await evaluate(task, "secrets");
    expect(json["decision"]).toBe(false);
    expect(recorded().at(-1)).toMatchObject({
      kind: "evaluation",
      taskId: task.id,
      subject: idOf(task.path),
      server: "orders",
      tool: "query",
      allowed: false,
      reasons: ["ARGUMENT_OVER_LIMIT"],
      argumentsDigest: expect.stringMatching(/^hmac-sha256:/),
      decisionId: (json["context"] as Record<string, unknown>)["evaluation_id"],
    });
    expect(JSON.stringify(recorded())).not.toContain("secrets");
  });

  it("is no where the record is written ahead and can't be", async () => {
    const task = world.start({ tier: "T2" });
    await expect.poll(async () => (await evaluate(task, "orders")).json["decision"]).toBe(true);
    world.server.ledger.failure = new Error("the disk is full");
    const { json } = await evaluate(task, "orders");
    expect(json).toMatchObject({ decision: false, context: { reason: "RECORD_UNAVAILABLE" } });
  });
});
