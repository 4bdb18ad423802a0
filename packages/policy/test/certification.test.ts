// SPDX-License-Identifier: Apache-2.0
// AuthZEN 1.0, certification scenario: its fixed subjects, resources and decisions, at the levels Basic and Batch.
import { describe, expect, it } from "vitest";
import type { CedarValue } from "../src/engine/cedar.ts";
import { CompiledPolicies } from "../src/engine/compiled-policies.ts";
import {
  answerEvaluations,
  type AuthZenDecision,
  type AuthZenEvaluation,
  parseEvaluation,
  parseEvaluations,
} from "../src/index.ts";

const policies = CompiledPolicies.compile({
  schema: `
    entity User = { role?: String };
    entity Record = { status: String };
    action read, write appliesTo { principal: [User], resource: [Record], context: {} };
    action delete appliesTo { principal: [User], resource: [Record], context: { soft?: Bool } };`,
  policies: {
    read: 'permit (principal, action == Action::"read", resource);',
    "write-own":
      'permit (principal == User::"alice", action == Action::"write", resource) when { resource.status == "active" };',
    "write-archived":
      'permit (principal, action == Action::"write", resource) when { principal has role && principal.role == "admin" && resource.status == "archived" };',
    "delete-soft":
      'permit (principal == User::"alice", action == Action::"delete", resource) when { context has soft && context.soft };',
  },
});

// The decision point's own facts about its subjects and resources.
const facts: Record<string, Record<string, CedarValue>> = {
  alice: {},
  bob: { role: "admin" },
  "record-1": { status: "active" },
  "record-2": { status: "archived" },
};

function decide({ subject, action, resource }: AuthZenEvaluation): AuthZenDecision {
  const principal = { type: "User", id: subject.id };
  const record = { type: "Record", id: resource.id };
  const { allowed } = policies.evaluate({
    principal,
    action: { type: "Action", id: action.name },
    resource: record,
    context: (action.properties ?? {}) as Record<string, CedarValue>,
    entities: [principal, record].map((uid) => ({ uid, attrs: facts[uid.id] ?? {}, parents: [] })),
  });
  return { decision: allowed };
}

const ask = (user: string, action: string, record: string, properties?: object): unknown => ({
  subject: { type: "user", id: user, unknown: 1 },
  action: { name: action, ...(properties === undefined ? {} : { properties }) },
  resource: { type: "record", id: record },
  context: { time: "2026-11-25T12:00:00Z" },
  unknown: { member: true },
});

const fixture: readonly (readonly [unknown, boolean])[] = [
  [ask("alice", "read", "record-1"), true],
  [ask("alice", "write", "record-1"), true],
  [ask("bob", "read", "record-1"), true],
  [ask("bob", "write", "record-1"), false],
  [ask("alice", "write", "record-2"), false],
  [ask("bob", "write", "record-2"), true],
  [ask("alice", "delete", "record-1", { soft: true }), true],
  [ask("alice", "delete", "record-1", { soft: false }), false],
];

describe("AuthZEN certification scenario", () => {
  it.each(fixture)("Basic: decision %#", async (request, expected) => {
    expect(await answerEvaluations(parseEvaluation(request), decide)).toEqual({ decision: expected });
    expect(await answerEvaluations(parseEvaluations(request), decide)).toEqual({ decision: expected });
  });

  const batch = async (
    semantic: string | undefined,
    items = fixture.map(([request]) => request),
  ): Promise<boolean[]> => {
    const options = semantic === undefined ? {} : { options: { evaluations_semantic: semantic, other: 1 } };
    const answer = await answerEvaluations(parseEvaluations({ evaluations: items, ...options }), decide);
    return "evaluations" in answer ? answer.evaluations.map(({ decision }) => decision) : [];
  };

  it("Batch: all decisions, in order", async () => {
    expect(await batch(undefined)).toEqual(fixture.map(([, expected]) => expected));
    expect(await batch("execute_all")).toEqual(fixture.map(([, expected]) => expected));
  });

  it("Batch: the other two semantics end with the decision that they are named for", async () => {
    expect(await batch("deny_on_first_deny")).toEqual([true, true, true, false]);
    const reversed = fixture.map(([request]) => request).slice(3);
    expect(await batch("permit_on_first_permit", reversed)).toEqual([false, false, true]);
  });

  it("Batch: members at the top are defaults, replaced whole", async () => {
    const answer = await answerEvaluations(
      parseEvaluations({
        subject: { type: "user", id: "alice" },
        action: { name: "delete", properties: { soft: true } },
        resource: { type: "record", id: "record-1" },
        evaluations: [
          {},
          { action: { name: "delete" } },
          { subject: { type: "user", id: "bob" } },
          { action: { name: "read" } },
        ],
      }),
      decide,
    );
    expect(answer).toEqual({ evaluations: [true, false, false, true].map((decision) => ({ decision })) });
  });

  it("Batch: an empty list, or none, is one request", async () => {
    const single = ask("alice", "read", "record-1") as object;
    expect(await answerEvaluations(parseEvaluations({ ...single, evaluations: [] }), decide)).toEqual({
      decision: true,
    });
  });
});
