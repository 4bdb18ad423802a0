// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from "node:crypto";
import { signCallStatement, type X509Source } from "@mayfly/spiffe-client";
import { ToolServer } from "../../../packages/gateway/src/upstream/tool-server.ts";
import { type RawAgent, rawAgent } from "../../../packages/gateway/test/world/agent.ts";
import { MemoryLedger } from "../../../packages/gateway/test/world/fake-ledger.ts";
import { identity } from "../../../packages/gateway/test/world/identities.ts";
import { startWorld, type World } from "../../../packages/gateway/test/world/world.ts";
import { type Report, since } from "../measure.ts";

const calls = 600;
const warmUp = 200;

/** The same call straight to the tool server, by who may: the same mTLS, the same statement, no decision and no record. */
async function callUngated(tools: ToolServer, source: X509Source, audience: string): Promise<void> {
  const callId = randomUUID();
  const claims = { task: "t-bench", call: callId, tool: "query", argumentsDigest: `sha-256:${"00".repeat(32)}` };
  await tools.callTool({
    callId,
    tool: "query",
    argumentsJson: '{"table":"orders"}',
    arguments: { table: "orders" },
    inputSchema: {},
    statement: signCallStatement(claims, source.svid, { audience: [audience] }),
    traceparent: "",
    signal: new AbortController().signal,
  });
}

async function callGated(agent: RawAgent): Promise<void> {
  const { json } = await agent.call("query", { table: "orders" });
  if (json.result === undefined || json.result["isError"] === true) throw new Error("a call was refused");
}

/** Turn about, so that what else the machine does falls on both. */
async function measure(report: Report, world: World, ledger: string): Promise<void> {
  const source = identity("/gateway");
  const [server] = world.config.toolServers.values();
  if (server === undefined) throw new Error("no tool server");
  using tools = new ToolServer(server, source, { timeoutMs: 5000, maxBytes: 1_048_576 });
  using agent = rawAgent(world, world.start().path);
  const [ungated, gated]: [number[], number[]] = [[], []];
  for (let round = -warmUp; round < calls; round++) {
    const first = performance.now();
    await callUngated(tools, source, server.spiffeId);
    if (round >= 0) ungated.push(since(first));
    const second = performance.now();
    await callGated(agent);
    if (round >= 0) gated.push(since(second));
  }
  const head = { bench: "gateway", system: "mayfly", target: "" };
  report.latency(head, `call without gateway, ${ledger}`, ungated);
  report.latency({ ...head, target: "≤ 3 ms p50 above it" }, `call through the gateway, ${ledger}`, gated);
}

/** What the gateway costs a call: agent, gateway, tool server and the server's side in one process. */
export async function gateway(report: Report): Promise<void> {
  await using alone = await startWorld({}, { ledger: new MemoryLedger() });
  await measure(report, alone, "ledger in memory");
  await using joined = await startWorld();
  await measure(report, joined, "ledger over mTLS");
}
