// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { expectCode } from "@mayfly/testkit";
import type { CedarValue } from "../src/engine/cedar.ts";
import { limits } from "../src/limits.ts";
import { type CedarRequest, PolicyBundle } from "../src/index.ts";
import { bundleOf, callOf, permitAll, permitWhen, sealed } from "./policy-kit.ts";

function inputsOf(bundle: PolicyBundle, context: Record<string, CedarValue> = {}): CedarRequest {
  const { inputs } = bundle.authorize(callOf());
  if (inputs === undefined) throw new TypeError("no inputs");
  return { ...inputs, context: { ...inputs.context, ...context } };
}

const nested = (depth: number): CedarValue => {
  let value: CedarValue = "x";
  for (let level = 0; level < depth; level++) value = [value];
  return value;
};

describe("an engine that breaks", () => {
  it("[POL-D10] that throws is a no, and the next decision is made as if nothing had been", () => {
    const bundle = permitWhen('context.effect == "reversible"');
    const circular: Record<string, unknown> = {};
    circular["self"] = circular;
    for (const bad of [circular, { effect: 1n }, { effect: nested(100_000) }]) {
      const decision = bundle.replay(inputsOf(bundle, bad as Record<string, CedarValue>));
      expect(decision).toMatchObject({ allowed: false, reason: "ENGINE_FAILED", policyIds: [] });
      expect(bundle.authorize(callOf()).allowed).toBe(true);
    }
  });

  it("[POL-D10] that traps on a policy refuses the policy", async () => {
    const deep = `permit (principal, action, resource) when { ${"(".repeat(1000)}true${")".repeat(1000)} };`;
    await expectCode(() => bundleOf(deep), "ENGINE_FAILED");
    expect(bundleOf(permitAll).authorize(callOf()).allowed).toBe(true);
  });

  it("[POL-D10] a policy that would only trap when it is evaluated is refused when it is loaded", async () => {
    const chain = Array.from({ length: 500 }, () => "context.depth == 1").join(" && ");
    await expectCode(() => permitWhen(chain), "POLICY_INVALID");
    const sum = Array.from({ length: 1000 }, () => "context.depth").join(" + ");
    await expectCode(() => permitWhen(`${sum} == 1`), "POLICY_INVALID");
    const longest = Array.from({ length: 120 }, () => "context.depth == 1").join(" && ");
    expect(permitWhen(longest).authorize(callOf()).allowed).toBe(true);
  });

  it("[POL-D10] that traps on an evaluation is a no, and is replaced before the next one", () => {
    const { policyDepth } = limits;
    // What the limit keeps out.
    Object.assign(limits, { policyDepth: 10_000 });
    const chain = Array.from({ length: 500 }, () => "context.depth == 1").join(" && ");
    const bundle = permitWhen(`if context.effect == "read" then true else (${chain})`);
    Object.assign(limits, { policyDepth });
    const read = callOf({ tool: { server: "orders", tool: "get", effect: "read" } });
    for (let round = 0; round < 3; round++) {
      const trapped = bundle.authorize(callOf());
      expect(trapped).toMatchObject({ allowed: false, reason: "ENGINE_FAILED", requestable: false });
      expect(trapped.errors[0]?.message).toBe("memory access out of bounds");
      expect(bundle.authorize(read)).toMatchObject({ allowed: true, policyIds: ["p0"] });
    }
  });

  it("[POL-D10] that answers too late is a no, also when it would have said yes", () => {
    let time = 0;
    let step = 0;
    const bundle = PolicyBundle.load(sealed({ all: permitAll }), { limitMs: 50, clockMs: () => (time += step) });
    expect(bundle.authorize(callOf()).allowed).toBe(true);
    step = 51;
    expect(bundle.authorize(callOf())).toMatchObject({ allowed: false, reason: "TIME_LIMIT", requestable: false });
    step = Number.NaN;
    expect(bundle.authorize(callOf())).toMatchObject({ allowed: false, reason: "TIME_LIMIT" });
  });
});

it("a bundle's memory goes when the bundle goes", () => {
  const load = (): void => void PolicyBundle.load(sealed({ all: permitAll })).authorize(callOf());
  for (let round = 0; round < 3; round++) load();
  const before = process.memoryUsage().rss;
  for (let round = 0; round < 40; round++) load();
  // 40 engines of 10 MB and their code would be some 600 MB.
  expect((process.memoryUsage().rss - before) / 1e6).toBeLessThan(300);
});
