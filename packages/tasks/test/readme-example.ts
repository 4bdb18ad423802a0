// SPDX-License-Identifier: Apache-2.0
import { createTaskId, delegate, judgeCall, parseProfile, parseScope, startTask, type ToolCall } from "@mayfly/tasks";

/** What a sub-agent that may look at orders may do, once an incident's task gave it less than it has itself. */
export function scribeMay(call: ToolCall, random: (bytes: number) => Uint8Array): string {
  const query = { server: "orders", tool: "query", effect: "read", resources: { prefix: "orders/eu" } };
  const refund = {
    server: "orders",
    tool: "refund",
    effect: "irreversible",
    arguments: { amount: { min: 0, max: 50 } },
  };
  const agent = (name: string, tier: string) =>
    parseProfile({
      name,
      owner: "dana",
      tier,
      ceiling: { tools: [query, { ...refund, approval: "over-limit" }] },
      selectors: ["unix:uid:1000"],
      expiresAt: "2027-06-01T00:00:00Z",
    });
  const now = call.at;
  const until = { notAfter: new Date(now.getTime() + 600_000), requestedBy: "dana" };
  const all = { id: createTaskId(random(10)), scope: parseScope({ tools: [query, refund] }), owner: "dana", ...until };
  const incident = startTask(agent("ir-bot", "T2"), all, now);
  const less = { id: createTaskId(random(10)), scope: parseScope({ tools: [query] }), ...until };
  const scribe = delegate(incident, less, { profile: agent("ir-bot/scribe", "T0"), siblings: [], now });
  const { inScope, problems } = judgeCall(scribe.scope, call);
  return inScope ? "go" : problems.map(({ code }) => code).join(", ");
}
