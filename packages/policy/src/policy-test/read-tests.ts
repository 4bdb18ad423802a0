// SPDX-License-Identifier: Apache-2.0
import { tierNames } from "@mayfly/tasks";
import type { CallRequest } from "../decision/call-request.ts";
import { assumePrincipal, type Principal } from "../decision/principal.ts";
import { PolicyError, refuseFor } from "../errors.ts";
import { limits } from "../limits.ts";
import { TestReader } from "./test-reader.ts";

/** What a test expects. `deny` is a no that no approval would change. */
export type ExpectedOutcome = "allow" | "deny" | "requestable";

/** One test. */
export interface PolicyTest {
  readonly name: string;
  readonly request: CallRequest;
  readonly expect: ExpectedOutcome;
  /** Exactly the policies that have to decide. */
  readonly policies?: readonly string[] | undefined;
}

const scopes: Readonly<Record<string, CallRequest["scope"]>> = {
  within: { inScope: true, requestable: false },
  asks: { inScope: true, requestable: true },
  "over-limit": { inScope: false, requestable: true },
  outside: { inScope: false, requestable: false },
};
const requestMembers = "principal action tool arguments resources scope approval untrusted now".split(" ");
const testMembers: readonly string[] = ["name", ...requestMembers, "expect", "policies"];

/**
 * Reads a test document (YAML or JSON, parsed): `{ tests: [{ name, principal: { agent, task?, owner?, ancestors?, tier?, depth? } |
 * { operator }, action?: call | list, tool: { server, tool, effect }, arguments?, resources?, scope?: within | asks | over-limit |
 * outside, approval?: { approvers }, untrusted?, now?, expect: allow | deny | requestable, policies?: [id] }] }`. `agent` is a SPIFFE ID.
 * @throws {PolicyError} TEST_MALFORMED with all problems
 */
export function readPolicyTests(document: unknown): readonly PolicyTest[] {
  const reader = new TestReader();
  const { tests } = reader.object(document, "document", ["tests"]);
  if (!Array.isArray(tests) || tests.length === 0 || tests.length > limits.testCases) {
    throw new PolicyError("TEST_MALFORMED", `expected a list "tests" of 1 to ${String(limits.testCases)} tests`);
  }
  const read = tests.map((each: unknown, index) => readTest(reader, each, `tests[${String(index)}]`));
  if (reader.problems.length > 0) throw refuseFor("TEST_MALFORMED", reader.problems);
  return read;
}

/**
 * Reads one request in the form of a test, without `name`, `expect` and `policies`.
 * @throws {PolicyError} TEST_MALFORMED with all problems
 */
export function readRequestDocument(document: unknown): CallRequest {
  const reader = new TestReader();
  const request = readRequest(reader, reader.object(document, "request", requestMembers), "request");
  if (reader.problems.length > 0) throw refuseFor("TEST_MALFORMED", reader.problems);
  return request;
}

function readTest(reader: TestReader, value: unknown, path: string): PolicyTest {
  const test = reader.object(value, path, testMembers);
  const { name, expect, policies } = test;
  return {
    name: reader.text(name, `${path}.name`),
    request: readRequest(reader, test, path),
    expect: reader.choice(expect, `${path}.expect`, ["allow", "deny", "requestable"]),
    policies: policies === undefined ? undefined : reader.texts(policies, `${path}.policies`),
  };
}

function readRequest(reader: TestReader, test: Readonly<Record<string, unknown>>, path: string): CallRequest {
  const tool = reader.object(test["tool"], `${path}.tool`, ["server", "tool", "effect"]);
  const scope = reader.choice(test["scope"] ?? "within", `${path}.scope`, ["within", "asks", "over-limit", "outside"]);
  const { approval, untrusted } = test;
  return {
    principal: readPrincipal(reader, test["principal"], `${path}.principal`),
    action: reader.choice(test["action"] ?? "call", `${path}.action`, ["call", "list"]),
    tool: {
      server: reader.text(tool["server"], `${path}.tool.server`),
      tool: reader.text(tool["tool"], `${path}.tool.tool`),
      effect: reader.choice(tool["effect"], `${path}.tool.effect`, ["read", "reversible", "irreversible"]),
    },
    arguments: reader.object(test["arguments"] ?? {}, `${path}.arguments`),
    resources: reader.texts(test["resources"] ?? [], `${path}.resources`),
    scope: scopes[scope] ?? { inScope: false, requestable: false },
    approval: approval === undefined ? undefined : readApproval(reader, approval, `${path}.approval`),
    untrusted: untrusted === undefined ? undefined : reader.flag(untrusted, `${path}.untrusted`),
    now: reader.instant(test["now"] ?? "2026-01-01T00:00:00Z", `${path}.now`),
  };
}

function readApproval(reader: TestReader, value: unknown, path: string): CallRequest["approval"] {
  const { approvers } = reader.object(value, path, ["approvers"]);
  return { id: "tested", approvers: reader.count(approvers ?? 1, `${path}.approvers`) };
}

/** Assumed, not proven: a test decides nothing. */
function readPrincipal(reader: TestReader, value: unknown, path: string): Principal {
  const fields = reader.object(value, path, ["agent", "task", "owner", "ancestors", "tier", "depth", "operator"]);
  if (fields["operator"] !== undefined) {
    const uid = { type: "Operator", id: reader.text(fields["operator"], `${path}.operator`) };
    return assumePrincipal({ uid, parents: [], tier: "operator", depth: 0 });
  }
  const [first = "T0", ...others] = tierNames;
  const tier = reader.choice(fields["tier"] ?? "T1", `${path}.tier`, [first, ...others]);
  const depth = reader.count(fields["depth"] ?? 0, `${path}.depth`);
  const agent = { type: "Agent", id: reader.text(fields["agent"], `${path}.agent`) };
  if (fields["task"] === undefined) return assumePrincipal({ uid: agent, parents: [], tier, depth });
  const owner = { type: "Operator", id: reader.text(fields["owner"] ?? "owner", `${path}.owner`) };
  const ancestors = reader.texts(fields["ancestors"] ?? [], `${path}.ancestors`).map((id) => ({ type: "Task", id }));
  const uid = { type: "Task", id: reader.text(fields["task"], `${path}.task`) };
  return assumePrincipal({ uid, parents: [agent, owner, ...ancestors], tier, depth });
}
