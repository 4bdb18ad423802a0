// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from "node:crypto";
import { signCallStatement, type X509Source } from "@mayfly/spiffe-client";
import { ToolServer } from "../../../packages/gateway/src/upstream/tool-server.ts";
import { type RawAgent, rawAgent } from "../../../packages/gateway/test/world/agent.ts";
import { GatedSystem } from "../gated-call/gated-system.ts";
import { cpuSeconds, type Report, since } from "../measure.ts";

const calls = 1000;
const warmUp = 3000;

/** The same call straight to the tool server: the same mTLS and keep-alive, the same statement, no decision and no record. */
async function callUngated(tools: ToolServer, source: X509Source): Promise<void> {
  const callId = randomUUID();
  const claims = { task: "t-bench", call: callId, tool: "query", argumentsDigest: `sha-256:${"00".repeat(32)}` };
  await tools.callTool({
    callId,
    tool: "query",
    argumentsJson: '{"table":"orders"}',
    arguments: { table: "orders" },
    inputSchema: {},
    statement: signCallStatement(claims, source.svid, { audience: ["spiffe://example.org/tool/orders"] }),
    traceparent: "",
    signal: new AbortController().signal,
  });
}

async function callGated(agent: RawAgent): Promise<void> {
  const { json } = await agent.call("query", { table: "orders" });
  if (json.result === undefined || json.result["isError"] === true) throw new Error(`refused: ${JSON.stringify(json)}`);
}

interface Measured {
  readonly ungated: number[];
  readonly gated: number[];
}

/** Turn about, so that what else the machine does falls on both. */
async function measure(agent: RawAgent, tools: ToolServer, source: X509Source, rounds: number): Promise<Measured> {
  const [ungated, gated]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    const first = performance.now();
    await callUngated(tools, source);
    ungated.push(since(first));
    const second = performance.now();
    await callGated(agent);
    gated.push(since(second));
  }
  return { ungated, gated };
}

function quantile(samples: readonly number[], share: number): number {
  return samples.toSorted((a, b) => a - b)[Math.floor(samples.length * share)] ?? Number.NaN;
}

/**
 * What the gateway costs a call: server, gateway and tool server in processes of their own, T2, so that the intent is on disk before the call.
 * CPU time of each process stands beside it: it is the figure that a loaded machine does not spoil.
 */
export async function gatedCall(report: Report): Promise<void> {
  await using system = await GatedSystem.start();
  const source = await system.identity("/gateway");
  const task = await system.startTask("T2");
  const path = new URL(task.spiffe_id).pathname;
  using agent = rawAgent(system, path, await system.identity(path));
  const server = {
    name: "orders",
    url: system.toolsUrl,
    spiffeId: "spiffe://example.org/tool/orders",
    tools: new Map(),
  };
  using tools = new ToolServer(server, source, { timeoutMs: 5000, maxBytes: 1_048_576 });
  await measure(agent, tools, source, warmUp);
  const pids = { server: system.server.pid, gateway: system.gateway.pid, "tool server": system.tools.pid };
  const before = Object.entries(pids).map(([name, pid]) => [name, pid, cpuSeconds(pid)] as const);
  const { ungated, gated } = await measure(agent, tools, source, calls);
  const head = { bench: "gated-call", system: "mayfly", target: "" };
  for (const [name, pid, started] of before) {
    const value = ((cpuSeconds(pid) - started) * 1000) / calls;
    report.add({ ...head, figure: `CPU of the ${name}, each pair of calls`, value, unit: "ms" });
  }
  report.latency(head, "call without gateway", ungated);
  report.latency(head, "call through the gateway", gated);
  // Where the machine does other things, the quickest tenth is the nearest to a quiet one.
  for (const [share, name, target] of [
    [0.1, "p10", ""],
    [0.5, "p50", "≤ 3"],
  ] as const) {
    const value = quantile(gated, share) - quantile(ungated, share);
    report.add({ ...head, figure: `what the gateway adds, ${name}`, value, unit: "ms", target });
  }
}
