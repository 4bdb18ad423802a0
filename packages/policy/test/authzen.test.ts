// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { expectCode } from "@mayfly/testkit";
import { describe, expect, it } from "vitest";
import {
  answerEvaluations,
  type AuthZenDecision,
  AuthZenError,
  createMetadata,
  decisionAnswer,
  evaluationOfCall,
  metadataPath,
  PolicyBundle,
  parseEvaluation,
  parseEvaluations,
  readCall,
  starterPolicies,
} from "../src/index.ts";
import { callOf, taskFacts } from "./policy-kit.ts";

const good = { subject: { type: "task", id: "t" }, action: { name: "call" }, resource: { type: "tool", id: "a/b" } };

describe("an AuthZEN request", () => {
  it.each<[string, unknown]>([
    ["no object", []],
    ["no subject", { ...good, subject: undefined }],
    ["no type", { ...good, subject: { id: "t" } }],
    ["an empty id", { ...good, resource: { type: "tool", id: "" } }],
    ["an id that is a number", { ...good, resource: { type: "tool", id: 1 } }],
    ["a long id", { ...good, resource: { type: "tool", id: "x".repeat(2_049) } }],
    ["half a surrogate pair", { ...good, resource: { type: "tool", id: "\ud800" } }],
    ["no name of an action", { ...good, action: {} }],
    ["properties that are a list", { ...good, action: { name: "call", properties: [] } }],
    ["a context that is a text", { ...good, context: "x" }],
    ["a context that is null", { ...good, context: null }],
  ])("with %s is malformed, status 400", async (_, value) => {
    expect(await expectCode(() => parseEvaluation(value), "MALFORMED")).toHaveProperty("status", 400);
  });

  it("in a batch that is malformed stands as its error, and the others are decided", async () => {
    const request = parseEvaluations({ ...good, evaluations: [{}, { subject: { type: 1 } }, null, {}] });
    const { evaluations } = (await answerEvaluations(request, () => ({ decision: true }))) as {
      evaluations: AuthZenDecision[];
    };
    expect(evaluations.map(({ decision }) => decision)).toEqual([true, false, false, true]);
    expect(evaluations[1]?.context).toEqual({ error: { status: 400, message: "subject.type has to be a text" } });
  });

  it("of more evaluations than the limit, or of an unknown semantic, is refused whole", async () => {
    await expectCode(
      () => parseEvaluations({ ...good, evaluations: Array.from({ length: 201 }, () => ({})) }),
      "TOO_MANY",
    );
    await expectCode(
      () => parseEvaluations({ ...good, evaluations: [{}], options: { evaluations_semantic: "any" } }),
      "MALFORMED",
    );
    await expectCode(() => parseEvaluations({ ...good, evaluations: {} }), "MALFORMED");
  });

  it("[POL-D10] is a no when deciding fails, and does not tell how", async () => {
    const broken = (): never => {
      throw new Error("secret detail");
    };
    const answer = await answerEvaluations(parseEvaluation(good), broken);
    expect(answer).toEqual({ decision: false, context: { error: { status: 500, message: "no decision" } } });
    expect(
      await answerEvaluations(parseEvaluation(good), () => Promise.reject(new AuthZenError("NOT_OURS", "no"))),
    ).toMatchObject({
      decision: false,
      context: { error: { status: 400 } },
    });
  });

  it("whatever comes is read or refused with a code", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.jsonValue(),
          fc.record({ evaluations: fc.jsonValue(), options: fc.jsonValue() }).map((each) => ({ ...good, ...each })),
          fc.record({ subject: fc.jsonValue(), action: fc.jsonValue() }).map((each) => ({ ...good, ...each })),
        ),
        (value) => {
          try {
            parseEvaluations(value);
            return true;
          } catch (error) {
            return error instanceof AuthZenError;
          }
        },
      ),
    );
  });
});

describe("a call", () => {
  it("goes to AuthZEN and back", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.constantFrom("call" as const, "list" as const),
        (args, action) => {
          const call = callOf({ arguments: args, action });
          const read = readCall(parseEvaluation(JSON.parse(JSON.stringify(evaluationOfCall(call)))));
          expect(read).toEqual({
            subject: { type: "task", id: taskFacts.id },
            action,
            server: "orders",
            tool: "refund",
            arguments: JSON.parse(JSON.stringify(args)),
            resources: ["orders/eu/7"],
          });
        },
      ),
    );
  });

  it.each<[string, object, string]>([
    ["another subject", { subject: { type: "user", id: "alice" } }, "NOT_OURS"],
    ["another action", { action: { name: "tools/call" } }, "NOT_OURS"],
    ["another resource", { resource: { type: "record", id: "a/b" } }, "NOT_OURS"],
    ["a tool without a server", { resource: { type: "tool", id: "b" } }, "NOT_OURS"],
    ["a tool of three parts", { resource: { type: "tool", id: "a/b/c" } }, "NOT_OURS"],
    ["arguments that are a list", { action: { name: "call", properties: { arguments: [] } } }, "MALFORMED"],
    [
      "resources that are no texts",
      { resource: { type: "tool", id: "a/b", properties: { resources: [1] } } },
      "MALFORMED",
    ],
  ])("with %s is not read", async (_, change, code) => {
    await expectCode(() => readCall(parseEvaluation({ ...good, ...change })), code);
  });

  it("is answered with reason and bundle, without inputs and errors", () => {
    const bundle = PolicyBundle.load(starterPolicies());
    const decision = bundle.authorize(callOf({ tool: { server: "orders", tool: "refund", effect: "irreversible" } }));
    expect(decisionAnswer(decision)).toEqual({
      decision: false,
      context: {
        reason: "POLICY_FORBIDS",
        policies: ["irreversible-needs-approval"],
        bundle: bundle.digest,
        requestable: true,
      },
    });
    expect(decisionAnswer(bundle.authorize(callOf()))).toMatchObject({
      decision: true,
      context: { reason: "POLICY_PERMITS" },
    });
  });
});

it("the metadata document names the endpoints below the decision point", () => {
  expect(createMetadata("https://pdp.test/tenant")).toEqual({
    policy_decision_point: "https://pdp.test/tenant",
    access_evaluation_endpoint: "https://pdp.test/tenant/access/v1/evaluation",
    access_evaluations_endpoint: "https://pdp.test/tenant/access/v1/evaluations",
  });
  expect(metadataPath("https://pdp.test")).toBe("/.well-known/authzen-configuration");
  expect(metadataPath("https://pdp.test/tenant")).toBe("/.well-known/authzen-configuration/tenant");
  for (const url of [
    "http://pdp.test",
    "https://pdp.test/?x",
    "https://pdp.test/#x",
    "https://user@pdp.test",
    "pdp",
    "",
  ]) {
    expect(() => createMetadata(url), url).toThrow(RangeError);
  }
});
