// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { expectCode } from "@mayfly/testkit";
import { describe, expect, it } from "vitest";
import { type CallRequest, PolicyBundle, PolicyStore, Principal, starterPolicies } from "../src/index.ts";
import { startCedar } from "../src/engine/cedar.ts";
import {
  bundleOf,
  callOf,
  parentTaskId,
  peerOf,
  permitAll,
  permitWhen,
  schema,
  sealed,
  taskFacts,
  taskPeer,
} from "./policy-kit.ts";

describe("the default is no", () => {
  it("[POL-D01] denies when no policy matches", () => {
    const bundle = bundleOf('permit (principal, action, resource == Tool::"orders/other");');
    expect(bundle.authorize(callOf())).toMatchObject({ allowed: false, reason: "NO_POLICY_PERMITS", policyIds: [] });
  });

  it("[POL-D01] denies when the set is empty, and when nothing was ever loaded", () => {
    expect(PolicyBundle.load(sealed({})).authorize(callOf())).toMatchObject({ allowed: false, requestable: false });
    expect(new PolicyStore(() => {}).authorize(callOf())).toMatchObject({ allowed: false, bundleDigest: "" });
  });

  it("lets one forbid win over any permit, and names it", () => {
    const bundle = bundleOf(permitAll, 'forbid (principal, action == Action::"call", resource);', permitAll);
    expect(bundle.authorize(callOf())).toMatchObject({ allowed: false, reason: "POLICY_FORBIDS", policyIds: ["p1"] });
    expect(bundle.authorize(callOf({ action: "list" }))).toMatchObject({ allowed: true, policyIds: ["p0", "p2"] });
  });
});

describe("traps of Cedar", () => {
  // No unguarded attribute passes the validator; what still fails is arithmetic.
  const failing =
    "forbid (principal, action, resource) when { context.arguments has amount && context.arguments.amount * 2 > 5 };";
  const huge = callOf({ arguments: { amount: Number.MAX_SAFE_INTEGER } });

  it("[POL-D02] the engine by itself allows over a forbid that fails, as Cedar says", () => {
    const cedar = startCedar();
    const answer = cedar.isAuthorized({
      principal: { type: "A", id: "a" },
      action: { type: "Action", id: "b" },
      resource: { type: "C", id: "c" },
      context: {},
      entities: [],
      policies: {
        staticPolicies: { p: permitAll, f: "forbid (principal, action, resource) when { context.missing };" },
      },
    });
    expect(answer).toMatchObject({ type: "success", response: { decision: "allow" } });
  });

  it("[POL-D02] denies when any policy fails, whatever the others say", () => {
    const bundle = bundleOf(permitAll, failing.replace("* 2", "* 2000"));
    expect(bundle.authorize(callOf({ arguments: { amount: 0 } })).allowed).toBe(true);
    const decision = bundle.authorize(huge);
    expect(decision).toMatchObject({ allowed: false, reason: "EVALUATION_ERROR", policyIds: [], requestable: false });
    expect(decision.errors.map(({ policyId }) => policyId)).toEqual(["p1"]);
  });

  it("[POL-D02] [POL-D03] refuses the forbid with an unguarded attribute before it can fail", async () => {
    const error = await expectCode(
      () => bundleOf(permitAll, "forbid (principal, action, resource) when { context.approval.approvers < 1 };"),
      "POLICY_INVALID",
    );
    expect(error).toMatchObject({ problems: [{ path: "p1" }, { path: "p1" }] });
  });

  it("reports policies by their own id, not by policy0 and not by @id", () => {
    const bundle = PolicyBundle.load(sealed({ "allow-all": `@id("other") ${permitAll}` }));
    expect(bundle.authorize(callOf()).policyIds).toEqual(["allow-all"]);
  });

  it("checks each request against the schema", () => {
    const bundle = permitWhen("context.depth >= 0");
    const decision = bundle.authorize(callOf());
    expect(decision.allowed).toBe(true);
    const { inputs } = decision;
    const bad = { ...inputs, context: { ...inputs?.context, depth: "0" } } as NonNullable<typeof inputs>;
    expect(bundle.replay(bad)).toMatchObject({ allowed: false, reason: "REQUEST_REFUSED" });
    const foreign = { ...inputs, principal: { type: "Admin", id: "x" } } as NonNullable<typeof inputs>;
    expect(bundle.replay(foreign)).toMatchObject({ allowed: false, reason: "REQUEST_REFUSED" });
  });

  it("takes the time from our clock only, as an instant", () => {
    const bundle = permitWhen('context.now < datetime("2026-11-25T12:00:01Z")');
    expect(bundle.authorize(callOf()).allowed).toBe(true);
    const later = callOf({ now: new Date("2026-11-25T12:00:01Z"), arguments: { now: "2026-01-01" } });
    expect(bundle.authorize(later).allowed).toBe(false);
    expect(bundle.authorize(callOf({ now: new Date(Number.NaN) }))).toMatchObject({ reason: "TIME_INVALID" });
  });

  it("compares 40 with 40 and never with text that looks like it", () => {
    const bundle = permitWhen("context.arguments has amount && context.arguments.amount <= 50");
    const verdicts = [40, 51, "40", 40.5, [40], null, true, 2 ** 60].map((amount) => {
      const { allowed, reason } = bundle.authorize(callOf({ arguments: { amount } }));
      return `${String(allowed)} ${reason}`;
    });
    const wrong = "false ARGUMENT_WRONG_TYPE";
    expect(verdicts).toEqual([
      "true POLICY_PERMITS",
      "false NO_POLICY_PERMITS",
      wrong,
      wrong,
      wrong,
      wrong,
      wrong,
      wrong,
    ]);
  });
});

describe("who asks", () => {
  it("[POL-D04] is the verified peer: another task's or agent's facts are refused", async () => {
    await expectCode(() => Principal.ofTask(taskPeer, { ...taskFacts, id: parentTaskId }), "PRINCIPAL_UNKNOWN");
    await expectCode(() => Principal.ofTask(taskPeer, { ...taskFacts, agent: "admin-bot" }), "PRINCIPAL_UNKNOWN");
    await expectCode(() => Principal.vouched(taskPeer.id, { ...taskFacts, agent: "admin-bot" }), "PRINCIPAL_UNKNOWN");
    expect(Principal.vouched(taskPeer.id, taskFacts).fields).toEqual(Principal.ofTask(taskPeer, taskFacts).fields);
    await expectCode(() => Principal.ofAgent(taskPeer, { tier: "T0" }), "PRINCIPAL_UNKNOWN");
    const ancestors = Array.from({ length: 9 }, () => parentTaskId);
    await expectCode(() => Principal.ofTask(taskPeer, { ...taskFacts, ancestors }), "PRINCIPAL_UNKNOWN");
    await expectCode(() => Principal.ofOperator(taskPeer), "PRINCIPAL_UNKNOWN");
    await expectCode(() => Principal.ofTask(peerOf("spiffe://td.test/agent/ir-bot"), taskFacts), "PRINCIPAL_UNKNOWN");
    await expectCode(() => Principal.ofOperator(peerOf("spiffe://td.test/operator/dana/x")), "PRINCIPAL_UNKNOWN");
  });

  it("[POL-D04] nothing in a call names another one", () => {
    const bundle = bundleOf('permit (principal in Agent::"spiffe://td.test/agent/admin", action, resource);');
    const claims = { principal: "spiffe://td.test/agent/admin", "X-Spiffe-Id": "spiffe://td.test/agent/admin" };
    const decision = bundle.authorize(callOf({ arguments: claims }));
    expect(decision).toMatchObject({ allowed: false, inputs: { principal: { type: "Task", id: taskFacts.id } } });
    expect(JSON.stringify(decision)).not.toContain("agent/admin");
    // @ts-expect-error it can't be made,
    void (() => new Principal(callOf().principal.fields));
    // @ts-expect-error and nothing that looks like one is one.
    void (() => bundle.authorize(callOf({ principal: { fields: callOf().principal.fields } })));
  });

  it("a task is in its agent, its owner and its ancestors, an agent and an operator are themselves", () => {
    const by = (scope: string, call: CallRequest): boolean =>
      bundleOf(`permit (${scope}, action, resource);`).authorize(call).allowed;
    expect(by('principal in Agent::"spiffe://td.test/agent/ir-bot"', callOf())).toBe(true);
    expect(by('principal in Agent::"spiffe://other.test/agent/ir-bot"', callOf())).toBe(false);
    expect(by('principal in Operator::"dana"', callOf())).toBe(true);
    expect(by(`principal in Task::"${parentTaskId}"`, callOf())).toBe(true);
    const agent = callOf({ principal: Principal.ofAgent(peerOf("spiffe://td.test/agent/ir-bot"), { tier: "T1" }) });
    expect(by('principal == Agent::"spiffe://td.test/agent/ir-bot"', agent)).toBe(true);
    const operator = callOf({ principal: Principal.ofOperator(peerOf("spiffe://td.test/operator/dana")) });
    expect(by('principal == Operator::"dana"', operator)).toBe(true);
    expect(by("principal is Task", operator)).toBe(false);
  });
});

describe("what is asked for", () => {
  it("[POL-D05] a resource in any other than its canonical form is refused, not repaired", () => {
    const bundle = permitWhen('context.resources.contains("orders/eu/7")');
    expect(bundle.authorize(callOf()).allowed).toBe(true);
    for (const path of [
      "orders//eu/7",
      "orders/./eu/7",
      "orders/x/../eu/7",
      "orders%2feu/7",
      "orders/eu/7/",
      "orders\\eu/7",
      "",
    ]) {
      const decision = bundle.authorize(callOf({ resources: [path] }));
      expect(decision, path).toMatchObject({ allowed: false, reason: "RESOURCE_NOT_CANONICAL" });
    }
    expect(bundle.authorize(callOf({ resources: ["Orders/eu/7"] }))).toMatchObject({ reason: "NO_POLICY_PERMITS" });
  });

  it("[POL-D05] a pattern over the path can't be passed by climbing", () => {
    const bundle = permitWhen('context has path && context.path like "orders/eu/*"');
    expect(bundle.authorize(callOf()).allowed).toBe(true);
    expect(bundle.authorize(callOf({ resources: ["orders/eu/../us/7"] })).allowed).toBe(false);
    expect(bundle.authorize(callOf({ resources: ["orders/eu/7", "orders/us/7"] })).allowed).toBe(false);
  });

  it("names of tools have one reading", () => {
    const tool = (server: string, name: string): CallRequest =>
      callOf({ tool: { server, tool: name, effect: "read" } });
    const bundle = bundleOf(permitAll);
    for (const call of [
      tool("a/b", "c"),
      tool("a", "b/c"),
      tool("", "c"),
      tool("a", "ｃ"),
      tool("a", "x".repeat(129)),
    ]) {
      expect(bundle.authorize(call)).toMatchObject({ allowed: false, reason: "TOOL_NAME_INVALID" });
    }
  });

  it("a tool with declared arguments may be given these and no others", () => {
    const bundle = permitWhen(
      'context.arguments has "files/write" && context.arguments["files/write"].path like "/tmp/*"',
    );
    const write = (args: Record<string, unknown>): string =>
      bundle.authorize(callOf({ tool: { server: "files", tool: "write", effect: "read" }, arguments: args })).reason;
    expect(write({ path: "/tmp/x" })).toBe("POLICY_PERMITS");
    expect(write({ path: "/tmp/x", mode: 7, extra: 1 })).toBe("ARGUMENT_WRONG_TYPE");
    expect(write({})).toBe("REQUEST_REFUSED");
    const spoofed = callOf({ arguments: { "files/write": { path: "/tmp/x" } } });
    expect(bundle.authorize(spoofed).allowed).toBe(false);
  });

  it("arguments that nobody declared are named, not shown, and large ones only cost when they are declared", () => {
    const bundle = permitWhen('context.undeclared.contains("body")');
    const decision = bundle.authorize(callOf({ arguments: { body: "s3cret".repeat(10_000) } }));
    expect(decision.allowed).toBe(true);
    expect(JSON.stringify(decision)).not.toContain("s3cret");
    expect(bundle.authorize(callOf({ arguments: { order: "x".repeat(20_000) } }))).toMatchObject({
      allowed: false,
      reason: "ARGUMENTS_TOO_LARGE",
      argument: "order",
    });
  });

  it("text that looks like Cedar's own JSON stays text, and an object is not taken for it", () => {
    const bundle = permitWhen('context.arguments has order && context.arguments.order == "x"');
    const order = { __extn: { fn: "decimal", arg: "1.0" } };
    expect(bundle.authorize(callOf({ arguments: { order } })).reason).toBe("ARGUMENT_WRONG_TYPE");
    const poisoned = JSON.parse('{"order":"x","__proto__":{"amount":1},"constructor":2}') as Record<string, unknown>;
    expect(bundle.authorize(callOf({ arguments: poisoned })).allowed).toBe(true);
  });

  it("policies that spell a name with escapes see the whole context, and may use it as a whole", () => {
    expect(permitWhen('context["dep\\u{74}h"] == 1').authorize(callOf()).allowed).toBe(true);
    expect(permitWhen("context == context").authorize(callOf()).allowed).toBe(true);
  });

  it("what no policy speaks of is not in the inputs", () => {
    const { inputs } = permitWhen('context.effect == "reversible"').authorize(callOf());
    expect(Object.keys(inputs?.context ?? {})).toEqual(["effect"]);
  });
});

describe("approvals", () => {
  const bundle = PolicyBundle.load(starterPolicies());
  const irreversible = { server: "orders", tool: "refund", effect: "irreversible" } as const;

  it("the starter set allows what the scope allows and nothing else", () => {
    expect(bundle.authorize(callOf())).toMatchObject({ allowed: true, policyIds: ["call-in-scope"] });
    expect(bundle.authorize(callOf({ action: "list" }))).toMatchObject({ allowed: true, policyIds: ["list-in-scope"] });
    const outside = callOf({ scope: { inScope: false, requestable: false }, approval: { id: "a", approvers: 2 } });
    expect(bundle.authorize(outside)).toMatchObject({ allowed: false, requestable: false });
    const agent = Principal.ofAgent(peerOf("spiffe://td.test/agent/ir-bot"), { tier: "T0" });
    expect(bundle.authorize(callOf({ principal: agent }))).toMatchObject({ allowed: false, requestable: false });
  });

  it("a no that an approval would turn is requestable, and still a no", () => {
    expect(bundle.authorize(callOf({ tool: irreversible }))).toMatchObject({
      allowed: false,
      requestable: true,
      reason: "POLICY_FORBIDS",
      policyIds: ["irreversible-needs-approval"],
    });
    const approved = callOf({ tool: irreversible, approval: { id: "a-1", approvers: 1 } });
    expect(bundle.authorize(approved)).toMatchObject({ allowed: true, requestable: false });
    const over = callOf({ scope: { inScope: false, requestable: true } });
    expect(bundle.authorize(over)).toMatchObject({ allowed: false, requestable: true, reason: "NO_POLICY_PERMITS" });
  });

  it("the probe shows nowhere but in requestable", () => {
    const decision = bundle.authorize(callOf({ tool: irreversible }));
    expect(JSON.stringify(decision)).not.toContain("hypothetical");
    expect(decision.inputs?.context).not.toHaveProperty("approval");
  });

  it("two people are needed at T3, and one is not enough however often", () => {
    const principal = Principal.ofTask(taskPeer, { ...taskFacts, tier: "T3" });
    const by = (approvers: number): boolean =>
      bundle.authorize(callOf({ principal, tool: irreversible, approval: { id: "a", approvers } })).allowed;
    expect([0, 1, 2].map(by)).toEqual([false, false, true]);
    expect(by(Number.NaN)).toBe(false);
  });

  it("an agent that read untrusted text has to ask before it changes anything", () => {
    const untrusted = callOf({ untrusted: true });
    expect(bundle.authorize(untrusted)).toMatchObject({ allowed: false, requestable: true });
    expect(bundle.authorize({ ...untrusted, tool: { ...untrusted.tool, effect: "read" } }).allowed).toBe(true);
  });

  it("what no scope covers is not requestable, whatever the policies would say to an approval", () => {
    const lax = permitWhen("context has approval");
    expect(lax.authorize(callOf())).toMatchObject({ allowed: false, requestable: true });
    expect(lax.authorize(callOf({ action: "list" }))).toMatchObject({ allowed: false, requestable: false });
    const outside = callOf({ scope: { inScope: false, requestable: false } });
    expect(lax.authorize(outside)).toMatchObject({ allowed: false, requestable: false });
  });

  it("a no because a policy failed is not requestable, even where an approval would pass it by", () => {
    const sum = "context.arguments has amount && context.arguments.amount * 2000 > 5";
    const failing = bundleOf(
      permitAll,
      `forbid (principal, action, resource) when { !(context has approval) && ${sum} };`,
    );
    const call = callOf({ arguments: { amount: Number.MAX_SAFE_INTEGER } });
    expect(failing.authorize({ ...call, approval: { id: "a", approvers: 1 } }).allowed).toBe(true);
    expect(failing.authorize(call)).toMatchObject({ allowed: false, reason: "EVALUATION_ERROR", requestable: false });
  });

  it("a call that is already approved and denied is not requestable again", () => {
    const forbidding = bundleOf(permitAll, "forbid (principal, action, resource) when { context has approval };");
    expect(forbidding.authorize(callOf({ approval: { id: "a", approvers: 1 } }))).toMatchObject({ requestable: false });
  });
});

it("[POL-D08] every decision can be made again from what it carries, through JSON", () => {
  const texts = sealed({
    ...starterPolicies().policies,
    cap: "forbid (principal, action, resource) when { context.arguments has amount && context.arguments.amount > 50 };",
  });
  const [first, second] = [PolicyBundle.load(texts), PolicyBundle.load(texts)];
  expect(second.digest).toBe(first.digest);
  const calls = fc.record({
    action: fc.constantFrom("call" as const, "list" as const),
    effect: fc.constantFrom("read" as const, "reversible" as const, "irreversible" as const),
    arguments: fc.dictionary(fc.constantFrom("amount", "order", "tags", "x", "__proto__"), fc.jsonValue(), {
      maxKeys: 4,
    }),
    resources: fc.array(fc.constantFrom("a", "a/b", "a//b", "orders/eu/7"), { maxLength: 3 }),
    scope: fc.record({ inScope: fc.boolean(), requestable: fc.boolean() }),
    approval: fc.option(fc.record({ id: fc.string(), approvers: fc.nat(3) }), { nil: undefined }),
    untrusted: fc.option(fc.boolean(), { nil: undefined }),
    tier: fc.constantFrom("T0" as const, "T2" as const, "T3" as const),
  });
  const seen = new Set<string>();
  fc.assert(
    fc.property(calls, ({ effect, tier, ...call }) => {
      const principal = Principal.ofTask(taskPeer, { ...taskFacts, tier });
      const decision = first.authorize(
        callOf({ ...call, principal, tool: { server: "orders", tool: "refund", effect } }),
      );
      seen.add(decision.reason);
      if (decision.inputs === undefined) return;
      const recorded = JSON.parse(JSON.stringify(decision.inputs)) as typeof decision.inputs;
      expect(second.replay(recorded)).toEqual({ ...decision, requestable: false });
    }),
    { numRuns: 300 },
  );
  expect([...seen]).toEqual(
    expect.arrayContaining(["POLICY_PERMITS", "POLICY_FORBIDS", "NO_POLICY_PERMITS", "ARGUMENT_WRONG_TYPE"]),
  );
});

it("leaving out what no policy speaks of changes no answer", () => {
  const policies = {
    ...starterPolicies().policies,
    cap: "forbid (principal, action, resource) when { context.arguments has amount && context.arguments.amount > 50 };",
    agent:
      'forbid (principal in Agent::"spiffe://td.test/agent/ir-bot", action, resource) when { context.effect == "read" };',
  };
  const lean = PolicyBundle.load(sealed(policies));
  // Escapes may spell any name, so that everything is put to these.
  const full = PolicyBundle.load(sealed({ ...policies, cap: `// \\u{61}\n${policies.cap}` }));
  const sizes = [lean, full].map((bundle) => JSON.stringify(bundle.authorize(callOf()).inputs).length);
  expect(sizes[0]).toBeLessThan(sizes[1] ?? 0);
  const calls = fc.record({
    action: fc.constantFrom("call" as const, "list" as const),
    arguments: fc.dictionary(
      fc.constantFrom("amount", "order", "tags", "x"),
      fc.oneof(fc.integer(), fc.string(), fc.array(fc.string())),
    ),
    resources: fc.subarray(["a", "a/b", "a//b"]),
    scope: fc.record({ inScope: fc.boolean(), requestable: fc.boolean() }),
    untrusted: fc.option(fc.boolean(), { nil: undefined }),
    effect: fc.constantFrom("read" as const, "reversible" as const, "irreversible" as const),
  });
  fc.assert(
    fc.property(calls, ({ effect, ...changes }) => {
      const call = callOf({ ...changes, tool: { server: "orders", tool: "refund", effect } });
      const [mine, theirs] = [lean.authorize(call), full.authorize(call)];
      const pick = ({ allowed, reason, policyIds, requestable }: typeof mine): unknown[] => [
        allowed,
        reason,
        policyIds,
        requestable,
      ];
      expect(pick(mine)).toEqual(pick(theirs));
    }),
    { numRuns: 200 },
  );
});

it("whatever the arguments are, there is a decision and no exception", () => {
  const bundle = permitWhen(
    'context.arguments has amount && context.arguments.amount <= 50 && context.undeclared.contains("x")',
  );
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.anything({ withBigInt: true, withDate: true, withMap: true })),
      (args) => {
        const decision = bundle.authorize(callOf({ arguments: args }));
        const { amount } = args;
        const expected = typeof amount === "number" && amount <= 50 && Object.hasOwn(args, "x");
        expect(decision.allowed && !expected).toBe(false);
      },
    ),
    { numRuns: 300 },
  );
  expect(schema).toContain("amount");
});
