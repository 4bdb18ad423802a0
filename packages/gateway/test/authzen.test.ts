// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RawAgent, rawAgent } from "./world/agent.ts";
import { startWorld, taskOf, type TestTask, type World } from "./world/world.ts";

let world: World;
let task: TestTask;
let envoy: RawAgent;
beforeAll(async () => {
  world = await startWorld();
  task = world.start();
  envoy = rawAgent(world, "/envoy");
});
afterAll(async () => {
  envoy[Symbol.dispose]();
  await world[Symbol.asyncDispose]();
});

function question(over: object = {}): object {
  return {
    subject: { type: "task", id: task.id },
    action: { name: "call", properties: { arguments: { table: "orders" } } },
    resource: { type: "tool", id: "orders/query" },
    ...over,
  };
}

const ask = (over: object, headers = {}) =>
  envoy.post("/access/v1/evaluation", JSON.stringify(question(over)), headers);

describe("AuthZEN for other enforcement points", () => {
  it("decides on scope, arguments and policy, and takes nothing", async () => {
    const intents = world.server.ledger.intents.size;
    await expect.poll(async () => (await ask({})).json["decision"]).toBe(true);
    expect((await ask({}, { "x-request-id": "r-1" })).headers["x-request-id"]).toBe("r-1");
    const no = await ask({ action: { name: "call", properties: { arguments: { table: "secrets" } } } });
    expect([no.status, no.json["decision"]]).toEqual([200, false]);
    expect(no.json["context"]).toMatchObject({ reason: "ARGUMENT_OVER_LIMIT", requestable: false });
    const refund = {
      action: { name: "call", properties: { arguments: { order: "1", amount: 4000 } } },
      resource: { type: "tool", id: "orders/refund" },
    };
    expect((await ask(refund)).json["context"]).toMatchObject({ reason: "APPROVAL_NEEDED", requestable: true });
    expect((await ask({ ...refund, context: { approval: { id: "a-1" } } })).json["decision"]).toBe(false);
    expect((await ask({ action: { name: "list" } })).json["decision"]).toBe(true);
    expect(
      (await ask({ action: { name: "list" }, resource: { type: "tool", id: "orders/secret" } })).json["decision"],
    ).toBe(false);
    expect(world.server.ledger.intents.size).toBe(intents);
  });

  it("knows no subject but tasks on record, active ones", async () => {
    for (const subject of [
      { type: "task", id: taskOf({}).id },
      { type: "task", id: "t-1" },
      { type: "agent", id: "spiffe://example.org/agent/support" },
      { type: "operator", id: "olivia" },
    ]) {
      expect((await ask({ subject })).json["decision"]).toBe(false);
    }
  });

  it("answers batches in order", async () => {
    const evaluations = [
      {},
      { action: { name: "call", properties: { arguments: { table: "secrets" } } } },
      { resource: { type: "tool", id: "orders" } },
    ];
    const answer = await envoy.post("/access/v1/evaluations", JSON.stringify({ ...question(), evaluations }));
    const list = answer.json["evaluations"] as { decision: boolean; context?: { error?: object } }[];
    expect(list.map(({ decision }) => decision)).toEqual([true, false, false]);
    expect(list[2]?.context?.error).toMatchObject({ status: 400 });
  });

  it("describes itself", async () => {
    expect((await envoy.get("/.well-known/authzen-configuration")).json).toMatchObject({
      policy_decision_point: "https://gateway.test",
      access_evaluation_endpoint: "https://gateway.test/access/v1/evaluation",
      access_evaluations_endpoint: "https://gateway.test/access/v1/evaluations",
    });
  });

  it("is 400 for what it does not understand, and nothing for who is not listed", async () => {
    expect((await envoy.post("/access/v1/evaluation", "{}")).status).toBe(400);
    expect((await envoy.post("/access/v1/evaluation", '{"subject":1,"subject":2}')).status).toBe(400);
    expect((await envoy.post("/access/v1/evaluation", "x".repeat(300_000))).status).toBe(413);
    using agent = rawAgent(world, task.path);
    expect((await agent.post("/access/v1/evaluation", JSON.stringify(question()))).status).toBe(404);
    expect((await envoy.call("query", { table: "orders" })).status).toBe(403);
    using stranger = rawAgent(world, "/envoy2");
    await expect(stranger.post("/access/v1/evaluation", JSON.stringify(question()))).rejects.toThrow();
  });
});
