// SPDX-License-Identifier: Apache-2.0
// Spans of server and gateway, each a process of its own, at a real collector, beside the record of the same call.
import { parseRecord } from "@mayfly/journal";
import { mayflyRecordsService, mayflyTasksService, type TaskMessage } from "@mayfly/rpc";
import { OtlpReceiver, type ReceivedSpan } from "@mayfly/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type RawAgent, rawAgent } from "../../../packages/gateway/test/world/agent.ts";
import { GatedSystem } from "../../bench/gated-call/gated-system.ts";

let receiver: OtlpReceiver;
let system: GatedSystem;
let task: TaskMessage;
let agent: RawAgent;

beforeAll(async () => {
  receiver = await OtlpReceiver.open();
  system = await GatedSystem.start({ traces: { otlp: receiver.url.href } });
  task = await system.startTask("T2");
  const path = new URL(task.spiffe_id).pathname;
  agent = rawAgent(system, path, await system.identity(path));
}, 60_000);
afterAll(async () => {
  agent[Symbol.dispose]();
  await system[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
});

const spanOf = async (isIt: (span: ReceivedSpan) => boolean): Promise<ReceivedSpan> =>
  await receiver.span(isIt, { signal: AbortSignal.timeout(20_000) });

/** Intent and outcome of a call. */
async function recordsOf(callId: unknown): Promise<ReturnType<typeof parseRecord>[]> {
  const found: ReturnType<typeof parseRecord>[] = [];
  const request = { task_id: task.id };
  for await (const { records } of system.admin.serverStream(mayflyRecordsService.methods.ExportRecords, request)) {
    found.push(...records.map(parseRecord).filter(({ id }) => id === callId));
  }
  return found;
}

it("a call is one trace through gateway and server, with the ids of the record; the agent's own is a link", async () => {
  const traceId = "0af7651916cd43dd8448eb211c80319c";
  const meta = { traceparent: `00-${traceId}-b7ad6b7169203331-01` };
  expect((await agent.call("query", { table: "orders" }, { meta })).json.result?.["isError"]).toBeUndefined();
  const gateway = await spanOf(({ service, kind }) => service === "mayfly-gateway" && kind === 2);
  expect(gateway).toMatchObject({ name: "tools/call query", parentSpanId: "", status: 0 });
  expect(gateway.traceId).not.toBe(traceId);
  expect(gateway.links).toEqual([{ traceId, spanId: "b7ad6b7169203331" }]);
  const sent = await spanOf(({ service, kind }) => service === "mayfly-gateway" && kind === 3);
  const begun = await spanOf(({ service, name }) => service === "mayfly-server" && name.endsWith("/BeginCall"));
  expect(begun).toMatchObject({ name: "mayfly.task.v1.Calls/BeginCall", kind: 2, status: 0 });
  for (const span of [sent, begun]) {
    expect(span).toMatchObject({ traceId: gateway.traceId, parentSpanId: gateway.spanId });
  }
  const callId = gateway.attributes["mayfly.call.id"];
  for (const span of [gateway, sent, begun]) {
    expect(span.attributes).toMatchObject({ "mayfly.task.id": task.id, "mayfly.call.id": callId });
  }
  await expect.poll(async () => (await recordsOf(callId)).map(({ phase }) => phase)).toEqual(["intent", "outcome"]);
  const [intent] = await recordsOf(callId);
  expect(intent).toMatchObject({
    task: gateway.attributes["mayfly.task.id"],
    serial: gateway.attributes["mayfly.svid.serial"],
    args_digest: gateway.attributes["mayfly.args_digest"],
    policy_digest: gateway.attributes["mayfly.policy.bundle"],
    body: { trace_id: gateway.traceId, decision_id: gateway.attributes["mayfly.decision.id"] },
  });
  expect(begun.attributes["mayfly.audit.index"]).toBe(gateway.attributes["mayfly.audit.index"]);
});

it("the end of a task is a span of the server", async () => {
  const short = await system.startTask("T1");
  const request = { id: short.id, reason: "completed" };
  for await (const { summary } of system.admin.serverStream(mayflyTasksService.methods.EndTask, request)) {
    if (summary) break;
  }
  const end = await spanOf(({ name }) => name === "task end");
  expect(end).toMatchObject({ service: "mayfly-server", kind: 1, status: 0 });
  expect(end.attributes).toMatchObject({ "mayfly.task.id": short.id, "mayfly.task.end_reason": "completed" });
});

it("a dead collector fails no call, and is told of once", async () => {
  await receiver[Symbol.asyncDispose]();
  for (let count = 0; count < 20; count++) {
    const { json } = await agent.call("query", { table: "orders" });
    expect(json.result?.["isError"]).toBeUndefined();
  }
  await expect.poll(() => system.gateway.log.split("spans_lost").length, { timeout: 20_000 }).toBe(2);
  expect((await agent.call("query", { table: "orders" })).status).toBe(200);
});
