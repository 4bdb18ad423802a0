// SPDX-License-Identifier: Apache-2.0
import { expectCode } from "@mayfly/testkit";
import { expect, it } from "vitest";
import { PolicyBundle, type PolicyError, runPolicyTests, starterPolicies } from "../src/index.ts";

const bundle = PolicyBundle.load(starterPolicies());
const principal = { agent: "spiffe://td.test/agent/ir-bot", task: "t-abcdefghijklmnop", owner: "dana", tier: "T2" };
const tool = { server: "orders", tool: "refund", effect: "irreversible" };

it("tests of policies pass and fail by outcome and by deciding policy", () => {
  const report = runPolicyTests(bundle, {
    tests: [
      { name: "a refund asks", principal, tool, expect: "requestable", policies: ["irreversible-needs-approval"] },
      { name: "an approved refund goes", principal, tool, approval: { approvers: 1 }, expect: "allow" },
      { name: "out of scope is no", principal, tool, scope: "outside", expect: "deny" },
      { name: "an operator is no agent", principal: { operator: "dana" }, tool, expect: "deny" },
      { name: "expected wrongly", principal, tool, expect: "allow" },
      {
        name: "by another policy",
        principal,
        tool: { ...tool, effect: "read" },
        expect: "allow",
        policies: ["call-approved"],
      },
    ],
  });
  expect(report.results.map(({ passed }) => passed)).toEqual([true, true, true, true, false, false]);
  expect(report).toMatchObject({ passed: 4, failed: 2, bundleDigest: bundle.digest });
  expect(report.results[4]).toMatchObject({ expected: "allow", got: "requestable" });
  expect(report.untested).toEqual(["list-in-scope", "untrusted-needs-approval"]);
});

it("a document is refused with all that is wrong with it", async () => {
  const error = await expectCode(
    () =>
      runPolicyTests(bundle, {
        tests: [
          { name: "", principal, tool, expect: "yes", typo: 1 },
          {
            name: "x",
            principal: { agent: 7, tier: "T9" },
            tool: { server: "a" },
            scope: "all",
            untrusted: "no",
            now: "soon",
            expect: "allow",
          },
        ],
      }),
    "TEST_MALFORMED",
  );
  expect((error as PolicyError).problems.map(({ path }) => path).sort()).toEqual([
    "tests[0].expect",
    "tests[0].name",
    "tests[0].typo",
    "tests[1].now",
    "tests[1].principal.agent",
    "tests[1].principal.tier",
    "tests[1].scope",
    "tests[1].tool.effect",
    "tests[1].tool.tool",
    "tests[1].untrusted",
  ]);
  for (const document of [undefined, null, [], {}, { tests: [] }, { tests: {} }, { tests: [null] }]) {
    await expectCode(() => runPolicyTests(bundle, document), "TEST_MALFORMED");
  }
});
