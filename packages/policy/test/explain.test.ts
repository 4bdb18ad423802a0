// SPDX-License-Identifier: Apache-2.0
import { expectCode } from "@mayfly/testkit";
import { describe, expect, it } from "vitest";
import {
  type CallRequest,
  explain,
  type Explanation,
  explainRequest,
  PolicyBundle,
  starterPolicies,
} from "../src/index.ts";
import { bundleOf, callOf, permitAll, sealed } from "./policy-kit.ts";

function explained(bundle: PolicyBundle, call: CallRequest): Explanation {
  const { inputs } = bundle.authorize(call);
  if (inputs === undefined) throw new TypeError("no inputs");
  return explain(bundle, inputs);
}

describe("an explanation", () => {
  const starter = PolicyBundle.load(starterPolicies());

  it("of a yes names what permits, and why by its author's words", () => {
    const { decision, policies, blockers, closest } = explained(starter, callOf());
    expect(decision).toMatchObject({ allowed: true, policyIds: ["call-in-scope"], bundleDigest: starter.digest });
    expect([blockers, closest]).toEqual([[], []]);
    expect(policies.filter(({ applies }) => applies).map(({ id, why }) => [id, why])).toEqual([
      ["call-in-scope", "A task may do what its scope allows and nobody has to be asked about."],
    ]);
  });

  it("of a no by a forbid names the forbid, and that an approval would help", () => {
    const tool = { server: "orders", tool: "refund", effect: "irreversible" } as const;
    const { decision, blockers, closest } = explained(starter, callOf({ tool }));
    expect(decision).toMatchObject({ allowed: false, requestable: true, reason: "POLICY_FORBIDS" });
    expect([blockers, closest]).toEqual([["irreversible-needs-approval"], []]);
  });

  it("of a no by default tells what of the closest permits is not met, in their own words", () => {
    const bundle = bundleOf(
      'permit (principal in Agent::"spiffe://td.test/agent/other", action == Action::"list", resource in ToolServer::"files") when { context.depth == 0 };',
      'permit (principal, action, resource) when { context.arguments has amount && context.arguments.amount <= 30 } unless { context.effect == "reversible" };',
    );
    const { decision, policies, closest } = explained(bundle, callOf());
    expect(decision).toMatchObject({ allowed: false, reason: "NO_POLICY_PERMITS" });
    expect(closest).toEqual(["p1"]);
    expect(policies.map(({ unmet }) => unmet)).toEqual([
      [
        { part: "principal", text: 'principal in Agent::"spiffe://td.test/agent/other"', because: "false" },
        { part: "action", text: 'action == Action::"list"', because: "false" },
        { part: "resource", text: 'resource in ToolServer::"files"', because: "false" },
        { part: "when", text: "context.depth == 0", because: "false" },
      ],
      [
        { part: "when", text: "context.arguments.amount <= 30", because: "false" },
        { part: "unless", text: 'context.effect == "reversible"', because: "false" },
      ],
    ]);
  });

  it("names the missing guard, not the attribute behind it", () => {
    const bundle = bundleOf(
      "permit (principal, action, resource) when { context has approval && context.approval.approvers >= 1 };",
    );
    expect(explained(bundle, callOf()).policies[0]?.unmet).toEqual([
      { part: "when", text: "context has approval", because: "false" },
    ]);
  });

  it("shows a policy that fails as one that can't be evaluated", () => {
    const texts = sealed({
      all: permitAll,
      sum: "forbid (principal, action, resource) when { context.arguments has amount && context.arguments.amount * 2000 > 5 };",
    });
    const { decision, policies } = explained(PolicyBundle.load(texts), callOf({ arguments: { amount: 2 ** 53 - 1 } }));
    expect(decision.reason).toBe("EVALUATION_ERROR");
    expect(policies.find(({ id }) => id === "sum")?.unmet).toMatchObject([{ part: "when", because: "error" }]);
  });

  it("of a request that a person wrote says the same, also where it never comes to the policies", async () => {
    const document = {
      principal: { agent: "spiffe://td.test/agent/ir-bot", task: "t-abcdefghijklmnop", tier: "T2" },
      tool: { server: "orders", tool: "refund", effect: "irreversible" },
      scope: "within",
    };
    expect(explainRequest(starter, document)).toMatchObject({
      decision: { allowed: false, requestable: true, bundleDigest: starter.digest },
      blockers: ["irreversible-needs-approval"],
    });
    expect(explainRequest(starter, { ...document, resources: ["a//b"] })).toMatchObject({
      decision: { allowed: false, reason: "RESOURCE_NOT_CANONICAL" },
      policies: [],
    });
    await expectCode(() => explainRequest(starter, { ...document, expect: "allow" }), "TEST_MALFORMED");
  });

  it("agrees with the decision on every call of a table", () => {
    for (const inScope of [true, false]) {
      for (const requestable of [true, false]) {
        for (const effect of ["read", "reversible", "irreversible"] as const) {
          const call = callOf({
            scope: { inScope, requestable },
            tool: { server: "a", tool: "b", effect },
            untrusted: requestable,
          });
          const { decision, policies, blockers } = explained(starter, call);
          const permits = policies.some((each) => each.applies && each.effect === "permit");
          expect(permits && blockers.length === 0).toBe(decision.allowed);
          expect(decision.requestable).toBe(starter.authorize(call).requestable);
        }
      }
    }
  });
});
