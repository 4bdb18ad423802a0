// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { connectClient, denialOf, type RawAgent, rawAgent } from "./world/agent.ts";
import { idOf } from "./world/identities.ts";
import { startWorld, type TestTask, type World } from "./world/world.ts";

let world: World;
let task: TestTask;
let agent: RawAgent;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});
beforeEach(() => {
  task = world.start();
  agent = rawAgent(world, task.path);
  world.tools.calls.length = 0;
  world.tools.ran.length = 0;
  world.spans.length = 0;
  return () => agent[Symbol.dispose]();
});

const outcomeOf = (callId: string | undefined) => world.server.ledger.outcomes.get(callId ?? "");
const lastIntent = () => [...world.server.ledger.intents].at(-1)!;

describe("an allowed call", () => {
  it("is recorded before it is made, and again when it is over, with the same ids everywhere", async () => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    await agent.call("refund", { order: "order-7", amount: 40 }, { meta: { traceparent } });
    const [callId, intent] = lastIntent();
    const digest = `sha-256:${createHash("sha256").update('{"amount":40,"order":"order-7"}').digest("hex")}`;
    expect(intent).toMatchObject({
      taskId: task.id,
      taskRevision: 7n,
      server: "orders",
      tool: "refund",
      effect: "reversible",
      canonicalDigest: digest,
      traceId: expect.stringMatching(/^(?!0af7651916cd43dd8448eb211c80319c)[0-9a-f]{32}$/),
      policyIds: ["call-in-scope"],
    });
    expect(intent.argumentsDigest).toMatch(/^hmac-sha256:[0-9a-f]{64}$/);
    expect(intent.svidSerial).toMatch(/^[0-9a-f]+$/);
    await expect.poll(() => outcomeOf(callId)).toMatchObject({ outcome: "done", detail: "" });
    expect(world.tools.statements.at(-1)).toMatchObject({
      issuer: idOf("/gateway"),
      audience: [idOf("/tool/orders")],
      task: task.id,
      call: callId,
      tool: "refund",
      argumentsDigest: digest,
    });
    const [sent, span] = world.spans;
    expect(span).toMatchObject({
      name: "tools/call refund",
      kind: "server",
      traceId: intent.traceId,
      links: [{ traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331" }],
      status: "ok",
    });
    expect(span).not.toHaveProperty("parentSpanId");
    expect(sent).toMatchObject({ kind: "client", traceId: intent.traceId, parentSpanId: span?.spanId, status: "ok" });
    expect(sent?.attributes).toMatchObject({ "mayfly.call.id": callId, "mayfly.call.outcome": "done" });
    expect(span?.attributes).toMatchObject({
      "mayfly.task.id": task.id,
      "mayfly.call.id": callId,
      "mayfly.decision": "allow",
      "mayfly.decision.id": intent.decisionId,
      "mayfly.args_digest": intent.argumentsDigest,
    });
    expect(JSON.stringify(world.spans)).not.toMatch(/order-7|amount/);
    const { params } = JSON.parse(world.tools.calls[0]?.body ?? "") as { params: { _meta: Record<string, string> } };
    expect(params._meta["traceparent"]).toBe(`00-${intent.traceId}-${sent?.spanId}-01`);
  });

  it("sends the very bytes that were digested, whatever form the agent gave them", async () => {
    await agent.call(
      "refund",
      {},
      { body: (text) => text.replace('"arguments":{}', '"arguments":{ "order" : "\\u00e9\\/", "amount":1.50e1 }') },
    );
    expect(world.tools.calls[0]?.body).toContain('"arguments":{"amount":15,"order":"é/"}');
    const [, intent] = lastIntent();
    const digest = createHash("sha256").update('{"amount":15,"order":"é/"}').digest("hex");
    expect(intent.canonicalDigest).toBe(`sha-256:${digest}`);
  });

  it("that the tool fails is the tool's word, and done", async () => {
    const answer = await agent.call("fails");
    expect(answer.json.result?.["isError"]).toBe(true);
    expect(denialOf(answer)).toBeUndefined();
    const [callId] = lastIntent();
    await expect.poll(() => outcomeOf(callId)).toMatchObject({ outcome: "done", detail: "TOOL_ERROR" });
  });

  it("a trace that is malformed is not linked to", async () => {
    await agent.call(
      "query",
      { table: "orders" },
      { meta: { traceparent: "00-00000000000000000000000000000000-b7ad6b7169203331-01" } },
    );
    expect(world.spans.at(-1)).toMatchObject({ traceId: lastIntent()[1].traceId, links: undefined });
  });
});

describe("a denied call", () => {
  it.each<[string, unknown, string]>([
    ["secret", {}, "TOOL_UNKNOWN"],
    ["no_such_tool", {}, "TOOL_UNKNOWN"],
    ["query", { table: "secrets" }, "ARGUMENT_OVER_LIMIT"],
    ["query", {}, "ARGUMENT_MISSING"],
    ["refund", { order: "7", amount: "40" }, "ARGUMENT_WRONG_TYPE"],
  ])("%s with %j is a tool's result with AuthZEN's deny, recorded, and not made", async (tool, args, reason) => {
    const denials = world.server.ledger.denials.length;
    const answer = await agent.call(tool, args);
    expect(answer.status).toBe(200);
    expect(denialOf(answer)).toMatchObject({ reason });
    expect(denialOf(answer)).not.toHaveProperty("access_request");
    expect(world.server.ledger.denials).toHaveLength(denials + 1);
    expect(world.server.ledger.denials.at(-1)).toMatchObject({
      call: { taskId: task.id, tool },
      denial: { code: reason, requestable: false },
    });
    expect(world.tools.calls).toHaveLength(0);
    expect(world.spans.at(-1)?.attributes["mayfly.decision"]).toBe("deny");
  });

  it("of a budget that is spent is the server's word", async () => {
    world.server.ledger.budget.set("query", 1);
    const answers = await Promise.all(Array.from({ length: 8 }, () => agent.call("query", { table: "items" })));
    world.server.ledger.budget.delete("query");
    expect(answers.map((each) => String(denialOf(each)?.reason)).toSorted()).toEqual([
      ...Array<string>(7).fill("BUDGET_SPENT"),
      "undefined",
    ]);
    expect(world.tools.calls).toHaveLength(1);
  });

  it("APR-D07: what can't be recorded is not made", async () => {
    world.server.ledger.failure = new Error("disk full");
    const answer = await agent.call("query", { table: "orders" });
    world.server.ledger.failure = undefined;
    expect(denialOf(answer)?.reason).toBe("RECORD_UNAVAILABLE");
    expect(world.tools.calls).toHaveLength(0);
  });

  it("is told to a real client as an error of the tool", async () => {
    const client = await connectClient(world, task);
    const result = await client.callTool({ name: "query", arguments: { table: "secrets" } });
    expect(result.isError).toBe(true);
    expect(result.structuredContent).toMatchObject({ decision: false, context: { reason: "ARGUMENT_OVER_LIMIT" } });
    await client.close();
  });
});

describe("a call that a person has to approve", () => {
  const over = { order: "7", amount: 4000 };
  const approve = (id: string): void => {
    world.server.ledger.approvals.find((each) => each.id === id)!.state = "approved";
  };

  it("is denied with a handle, passes once after the approval, and needs a new one after that", async () => {
    const first = denialOf(await agent.call("refund", over));
    expect(first).toMatchObject({ reason: "APPROVAL_NEEDED", access_request: { status: "pending" } });
    expect(world.server.ledger.shown.at(-1)).toBe('{"amount":4000,"order":"7"}');
    const again = denialOf(await agent.call("refund", over));
    expect(again?.access_request?.id).toBe(first?.access_request?.id);
    approve(first!.access_request!.id);
    const passed = await agent.call("refund", over);
    expect(passed.json.result?.["content"]).toEqual([{ type: "text", text: "refunded 4000" }]);
    expect(world.tools.statements.at(-1)?.approval).toBe(first?.access_request?.id);
    const later = denialOf(await agent.call("refund", over));
    expect(later?.access_request?.id).not.toBe(first?.access_request?.id);
    expect(world.tools.ran).toHaveLength(1);
  });

  it("APR-D02, APR-D03: an approval that the agent names is for this very call, and once", async () => {
    const { access_request } = denialOf(await agent.call("refund", over))!;
    const meta = { "mayfly/approval": access_request!.id };
    expect(denialOf(await agent.call("refund", over, { meta }))?.reason).toBe("APPROVAL_MISSING");
    approve(access_request!.id);
    expect(denialOf(await agent.call("refund", { ...over, amount: 4001 }, { meta }))?.reason).toBe("APPROVAL_VOID");
    const other = world.start();
    using thief = rawAgent(world, other.path);
    expect(denialOf(await thief.call("refund", over, { meta }))?.reason).toBe("APPROVAL_VOID");
    expect(world.tools.ran).toHaveLength(0);
    const answers = await Promise.all(Array.from({ length: 8 }, () => agent.call("refund", over, { meta })));
    expect(answers.filter((each) => denialOf(each) === undefined)).toHaveLength(1);
    expect(world.tools.ran).toHaveLength(1);
  });

  it("a made-up approval opens nothing, and lifts no limit that no approval may lift", async () => {
    const meta = { "mayfly/approval": "a-made-up" };
    expect(denialOf(await agent.call("refund", over, { meta }))?.reason).toBe("APPROVAL_MISSING");
    expect(denialOf(await agent.call("query", { table: "secrets" }, { meta }))?.reason).toBe("ARGUMENT_OVER_LIMIT");
    expect(world.tools.ran).toHaveLength(0);
  });

  it("is judged again with it: a task that may not do so any more gets nothing for it", async () => {
    const { access_request } = denialOf(await agent.call("refund", over))!;
    approve(access_request!.id);
    world.change(task, { revision: "8", scope_json: '{"tools":[{"effect":"read","server":"orders","tool":"query"}]}' });
    await expect.poll(async () => denialOf(await agent.call("fails"))?.reason).toBe("TOOL_NOT_IN_SCOPE");
    expect(denialOf(await agent.call("refund", over))?.reason).toBe("TOOL_NOT_IN_SCOPE");
    expect(world.tools.ran.filter(({ tool }) => tool === "refund")).toHaveLength(0);
  });

  it("irreversible at T1 without a limit exceeded: the tier asks for a person", async () => {
    await using strict = await startWorld({
      tool_servers: {
        orders: {
          url: world.tools.url,
          spiffe_id: idOf("/tool/orders"),
          tools: { refund: { effect: "irreversible" } },
        },
      },
    });
    const scope = { tools: [{ server: "orders", tool: "refund", effect: "irreversible" }] };
    const careful = strict.start({ scope });
    using asks = rawAgent(strict, careful.path);
    expect(denialOf(await asks.call("refund", { order: "1", amount: 1 }))).toMatchObject({ reason: "APPROVAL_NEEDED" });
    const reader = strict.start({ scope, tier: "T0" });
    using low = rawAgent(strict, reader.path);
    expect(denialOf(await low.call("refund", { order: "1", amount: 1 }))?.reason).toBe("EFFECT_REFUSED");
  });
});

describe("lists", () => {
  it("are for one agent alone, short-lived, and show what it may call", async () => {
    const narrow = world.start({ scope: { tools: [{ server: "orders", tool: "query", effect: "read" }] } });
    using other = rawAgent(world, narrow.path);
    const { result } = (await other.mcp("tools/list")).json;
    expect(result?.["tools"]).toMatchObject([{ name: "query" }]);
    expect(result).toMatchObject({ cacheScope: "private", resultType: "complete" });
    expect(Number(result?.["ttlMs"])).toBeLessThanOrEqual(5000);
  });

  it("server/discover has a rule of its own: who has no tool of a server does not learn of it", async () => {
    const none = world.start({ scope: { tools: [] } });
    using other = rawAgent(world, none.path);
    expect((await other.mcp("server/discover")).status).toBe(404);
    expect((await agent.mcp("server/discover")).json.result).toMatchObject({
      supportedVersions: ["2026-07-28"],
      capabilities: { tools: {} },
    });
    expect((await agent.mcp("server/discover", {}, { path: "/mcp/nobody" })).status).toBe(404);
  });
});
