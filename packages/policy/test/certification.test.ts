// SPDX-License-Identifier: Apache-2.0
// AuthZEN 1.0, certification scenario: its fixture and the requests of the levels Basic and Batch, below HTTP.
import { expectCode } from "@mayfly/testkit";
import { describe, expect, it } from "vitest";
import type { CedarValue } from "../src/engine/cedar.ts";
import { CompiledPolicies } from "../src/engine/compiled-policies.ts";
import {
  answerEvaluations,
  type AuthZenDecision,
  type AuthZenEvaluation,
  type AuthZenProperties,
  parseEvaluation,
  parseEvaluations,
} from "../src/index.ts";

const policies = CompiledPolicies.compile({
  schema: `
    entity User = { role?: String };
    entity Record = { status?: String };
    action read, write, delete appliesTo { principal: [User], resource: [Record], context: { soft?: Bool } };`,
  policies: {
    read: 'permit (principal, action == Action::"read", resource);',
    write:
      'permit (principal == User::"alice", action == Action::"write", resource) unless { resource has status && resource.status == "archived" };',
    "write-archived":
      'permit (principal, action == Action::"write", resource) when { principal has role && principal.role == "admin" && resource has status && resource.status == "archived" };',
    "delete-soft":
      'permit (principal == User::"alice", action == Action::"delete", resource) when { context has soft && context.soft };',
  },
});

/** Of the properties in the request only those that the policies know. */
function pick(properties: AuthZenProperties | undefined, name: string): Record<string, CedarValue> {
  return properties?.[name] === undefined ? {} : { [name]: properties[name] as CedarValue };
}

function decide({ subject, action, resource }: AuthZenEvaluation): AuthZenDecision {
  const principal = { type: "User", id: subject.id };
  const record = { type: "Record", id: resource.id };
  const { allowed } = policies.evaluate({
    principal,
    action: { type: "Action", id: action.name },
    resource: record,
    context: pick(action.properties, "soft"),
    entities: [
      { uid: principal, attrs: pick(subject.properties, "role"), parents: [] },
      { uid: record, attrs: pick(resource.properties, "status"), parents: [] },
    ],
  });
  return { decision: allowed };
}

const alice = { type: "user", id: "alice" };
const bob = { type: "user", id: "bob" };
const admin = { ...bob, properties: { role: "admin" } };
const active = { type: "record", id: "record-1", properties: { status: "active" } };
const archived = { type: "record", id: "record-2", properties: { status: "archived" } };
const [record1, record2] = [
  { type: "record", id: "record-1" },
  { type: "record", id: "record-2" },
];
const [read, write] = [{ name: "read" }, { name: "write" }];
const remove = (soft: boolean): object => ({ name: "delete", properties: { soft } });
const good = { subject: alice, action: read, resource: record1 };

const fixture: readonly (readonly [string, object, boolean])[] = [
  ["1", good, true],
  ["2", { ...good, action: write }, true],
  ["3", { ...good, subject: bob }, true],
  ["4", { ...good, subject: bob, action: write }, false],
  ["5", { subject: alice, action: write, resource: archived }, false],
  ["6", { subject: admin, action: write, resource: archived }, true],
  ["7", { ...good, action: remove(true) }, true],
  ["8", { ...good, action: remove(false) }, false],
];

async function batch(request: object): Promise<boolean[]> {
  const answer = await answerEvaluations(parseEvaluations(request), decide);
  return "evaluations" in answer ? answer.evaluations.map(({ decision }) => decision) : [];
}

describe("AuthZEN certification, Basic", () => {
  it.each(fixture)(
    "rule %s, at both endpoints, with and without context, again and again",
    async (_, request, expected) => {
      for (const each of [
        request,
        { ...request, context: { time: "2025-06-27T18:03-07:00", ip: "192.168.1.1" } },
        request,
      ]) {
        expect(await answerEvaluations(parseEvaluation(each), decide)).toEqual({ decision: expected });
        expect(await answerEvaluations(parseEvaluations(each), decide)).toEqual({ decision: expected });
      }
    },
  );

  it("members and properties that nobody knows are ignored", async () => {
    const request = {
      subject: { ...alice, properties: { department: "Sales", role: "manager" }, more: 1 },
      action: { ...read, properties: { method: "GET" } },
      resource: { ...active, properties: { status: "active", owner: "bob" } },
      foo: "bar",
      futureField: { nested: true },
    };
    expect(await answerEvaluations(parseEvaluation(request), decide)).toEqual({ decision: true });
  });

  it.each<[string, object]>([
    ["subject missing", { ...good, subject: undefined }],
    ["action missing", { ...good, action: undefined }],
    ["resource missing", { ...good, resource: undefined }],
    ["subject.type missing", { ...good, subject: { id: "alice" } }],
    ["subject.id missing", { ...good, subject: { type: "user" } }],
    ["action.name missing", { ...good, action: {} }],
    ["resource.type missing", { ...good, resource: { id: "record-1" } }],
    ["resource.id missing", { ...good, resource: { type: "record" } }],
    ["subject a text", { ...good, subject: "alice" }],
    ["action.name a number", { ...good, action: { name: 123 } }],
  ])("status 400: %s", async (_, request) => {
    expect(await expectCode(() => parseEvaluation(request), "MALFORMED")).toHaveProperty("status", 400);
    expect(await expectCode(() => parseEvaluations(request), "MALFORMED")).toHaveProperty("status", 400);
  });
});

describe("AuthZEN certification, Batch", () => {
  it("defaults at the top: subject and action, subject and resource, action and resource, none", async () => {
    expect(
      await batch({ subject: alice, action: read, evaluations: [{ resource: record1 }, { resource: record2 }] }),
    ).toHaveLength(2);
    expect(
      await batch({ subject: bob, resource: record1, evaluations: [{ action: read }, { action: write }] }),
    ).toEqual([true, false]);
    expect(
      await batch({ subject: alice, action: write, evaluations: [{ resource: active }, { resource: archived }] }),
    ).toEqual([true, false]);
    expect(
      await batch({ action: write, resource: archived, evaluations: [{ subject: alice }, { subject: admin }] }),
    ).toEqual([false, true]);
    expect(await batch({ evaluations: [good, { ...good, subject: bob, action: write }] })).toEqual([true, false]);
  });

  it("context is inherited, or replaced", () => {
    const evaluations = [{ resource: record1 }, { resource: record2, context: { source: "batch-override" } }];
    expect(parseEvaluations({ subject: alice, action: read, context: { time: "t" }, evaluations })).toMatchObject({
      evaluations: [{ context: { time: "t" } }, { context: { source: "batch-override" } }],
    });
  });

  it("a type that is missing comes from the default; properties never do", async () => {
    const resource = { type: "record", properties: { status: "archived" } };
    const evaluations = [
      { resource: { id: "record-1", properties: { status: "active" } } },
      { resource: archived },
      { resource: { id: "record-1" } },
    ];
    expect(await batch({ subject: alice, action: write, resource, evaluations })).toEqual([true, false, true]);
    expect(
      await batch({
        ...good,
        action: remove(true),
        evaluations: [{}, { action: { name: "delete" } }, { action: { properties: {} } }],
      }),
    ).toEqual([true, false, false]);
  });

  it("an evaluation that lacks something is a no, and the others have their answers", async () => {
    expect(await batch({ subject: alice, action: read, evaluations: [{ resource: record1 }, {}] })).toEqual([
      true,
      false,
    ]);
  });

  it("without evaluations, or with none, it is one request", async () => {
    expect(await answerEvaluations(parseEvaluations({ ...good, evaluations: [] }), decide)).toEqual({ decision: true });
    expect(await answerEvaluations(parseEvaluations(good), decide)).toEqual({ decision: true });
  });

  it("the three semantics: all, until the first no, until the first yes", async () => {
    const evaluations = fixture.map(([, request]) => request);
    const all = fixture.map(([, , expected]) => expected);
    const by = (semantic: string, from = 0): Promise<boolean[]> =>
      batch({ evaluations: evaluations.slice(from), options: { evaluations_semantic: semantic, other: 1 } });
    expect(await batch({ evaluations })).toEqual(all);
    expect(await by("execute_all")).toEqual(all);
    expect(await by("deny_on_first_deny")).toEqual([true, true, true, false]);
    expect(await by("permit_on_first_permit", 3)).toEqual([false, false, true]);
  });
});
