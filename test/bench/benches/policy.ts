// SPDX-License-Identifier: Apache-2.0
import { type CallRequest, PolicyBundle, Principal, starterPolicies, writeManifest } from "@mayfly/policy";
import { SpiffeId } from "@mayfly/spiffe";
import { createTaskId, parseTaskId } from "@mayfly/tasks";
import type { Report } from "../measure.ts";

const decisions = 5_000;
const warmUp = 2_000;
const schema = "type Arguments = { amount?: Long, order?: String, note?: String };\n";

/** The starter set and as many rules for single tools as make `count`. */
function bundleOf(count: number): PolicyBundle {
  const policies: Record<string, string> = { ...starterPolicies().policies };
  for (let index = Object.keys(policies).length; index < count; index++) {
    policies[`cap-${String(index)}`] = `
forbid (principal in Agent::"spiffe://bench.test/agent/a${String(index)}", action == Action::"call", resource == Tool::"orders/refund")
unless { context.arguments has amount && context.arguments.amount <= ${String(index)} };`;
  }
  return PolicyBundle.load({ policies, schema, manifest: writeManifest({ policies, schema }, 1) });
}

function openPrincipal(): Principal {
  const id = createTaskId(new Uint8Array(10).fill(7));
  const peer = { id: SpiffeId.parse(`spiffe://bench.test/agent/a9/task/${id}`), chain: [], notAfter: new Date() };
  const ancestors = [parseTaskId("t-abcdefghijklmnop")];
  return Principal.ofTask(peer, { id, agent: "a9", owner: "dana", tier: "T2", depth: 1, ancestors });
}

function samplesOf(bundle: PolicyBundle, request: () => CallRequest, allowed: boolean): number[] {
  const samples: number[] = [];
  for (let round = -warmUp; round < decisions; round++) {
    const started = performance.now();
    const decision = bundle.authorize(request());
    if (round >= 0) samples.push(performance.now() - started);
    if (decision.allowed !== allowed) throw new TypeError(`expected ${String(allowed)}, got ${decision.reason}`);
  }
  return samples;
}

/** What one decision costs, from the gateway's facts to the answer, and what a bundle costs to load. */
export function policy(report: Report): Promise<void> {
  const head = { bench: "policy", system: "mayfly" };
  const principal = openPrincipal();
  const call = (amount: number, effect: CallRequest["tool"]["effect"]) => (): CallRequest => ({
    principal,
    action: "call",
    tool: { server: "orders", tool: "refund", effect },
    arguments: { amount, order: "o-1", note: "as asked" },
    resources: ["orders/eu/7"],
    scope: { inScope: true, requestable: false },
    now: new Date(),
  });
  const memory = process.memoryUsage().rss;
  const started = performance.now();
  const bundle = bundleOf(20);
  report.add({
    ...head,
    figure: "first bundle of 20 policies",
    value: performance.now() - started,
    unit: "ms",
    target: "",
  });
  const mib = (process.memoryUsage().rss - memory) / 1024 ** 2;
  report.add({ ...head, figure: "resident memory for it", value: mib, unit: "MiB", target: "" });
  const again = performance.now();
  bundleOf(20);
  report.add({
    ...head,
    figure: "next bundle of 20 policies",
    value: performance.now() - again,
    unit: "ms",
    target: "",
  });
  const allow = samplesOf(bundle, call(5, "reversible"), true);
  report.latency({ ...head, target: "p50 ≤ 0.15 ms" }, "allow, 20 policies", allow);
  report.latency(
    { ...head, target: "" },
    "requestable deny, 20 policies",
    samplesOf(bundle, call(5, "irreversible"), false),
  );
  report.latency({ ...head, target: "" }, "allow, 200 policies", samplesOf(bundleOf(200), call(5, "reversible"), true));
  return Promise.resolve();
}
