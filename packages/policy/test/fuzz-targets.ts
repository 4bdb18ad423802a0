// SPDX-License-Identifier: Apache-2.0
import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { assertHolds, attempt, type FuzzTarget } from "@mayfly/testkit";
import { canonicalManifest, parseManifest } from "../src/bundle/manifest.ts";
import { checkSignature } from "../src/bundle/manifest-signature.ts";
import {
  answerEvaluations,
  AuthZenError,
  parseEvaluation,
  parseEvaluations,
  PolicyBundle,
  PolicyError,
  readCall,
  signManifest,
  writeManifest,
} from "../src/index.ts";
import { readPolicyTests } from "../src/policy-test/read-tests.ts";
import { callOf, permitWhen, sealed } from "./policy-kit.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text);
const textOf = (input: Uint8Array): string => Buffer.from(input).toString("utf8");
const jsonWords = ['"', "{", "}", "[", "]", ",", ":", "null", "-0", "1e999", "\\ud800", '"__proto__":', "[[[["];

/** JSON as its value; what is none, as a text. */
function valueOf(input: Uint8Array): unknown {
  try {
    return JSON.parse(textOf(input));
  } catch {
    return textOf(input);
  }
}

const question = {
  subject: { type: "task", id: "t-abcdefghijklmnop" },
  action: { name: "call", properties: { arguments: { amount: 40 } } },
  resource: { type: "tool", id: "orders/refund", properties: { resources: ["orders/eu/7"] } },
  context: { time: "2026-11-25T12:00:00Z" },
};
const batch = {
  ...question,
  evaluations: [{}, { action: { name: "list" } }, { resource: { id: "orders/query" } }],
  options: { evaluations_semantic: "deny_on_first_deny" },
};
const members = [
  '"subject":',
  '"action":',
  '"resource":',
  '"evaluations":[{}],',
  '"properties":{',
  "permit_on_first_permit",
];
const authzen: FuzzTarget = {
  seeds: [question, batch].map((each) => bytes(JSON.stringify(each))),
  words: [...jsonWords, ...members, '"type":"', '"id":"', "/"].map(bytes),
  error: AuthZenError,
  run: async (input) => {
    const value = valueOf(input);
    attempt(() => readCall(parseEvaluation(value)), AuthZenError);
    const request = parseEvaluations(value);
    const answer = await answerEvaluations(request, (each) => {
      const { server, tool } = readCall(each);
      assertHolds(`${server}/${tool}` === each.resource.id, "a decision is on another tool than was asked about");
      return { decision: true };
    });
    const answers = "evaluations" in answer ? answer.evaluations : [answer];
    const isFlawed = answers.some(({ decision, context }) => decision && context !== undefined);
    assertHolds(!isFlawed, "an error is answered as a yes");
  },
};

const keys = generateKeyPairSync("ed25519");
const trusted = createPublicKey(keys.privateKey);
const manifestText = writeManifest({ policies: { allow: "permit (principal, action, resource);" }, schema: "" }, 7);
const signature = signManifest(manifestText, keys.privateKey);
const signedForm = canonicalManifest(parseManifest(manifestText));
const manifest: FuzzTarget = {
  seeds: [bytes(manifestText), bytes(signedForm)],
  words: [...jsonWords, '"policies":{', '"revision":', '"schema":', "sha256:", "mayfly-policy-1", '"allow":'].map(
    bytes,
  ),
  error: PolicyError,
  run: (input) => {
    const parsed = parseManifest(textOf(input));
    const form = canonicalManifest(parsed);
    assertHolds(canonicalManifest(parseManifest(form)) === form, "a manifest changes when it is written and read");
    const isSigned = attempt(() => checkSignature(parsed, signature, trusted), PolicyError);
    assertHolds(isSigned === (form === signedForm), "a manifest that nobody signed is taken");
    attempt(() => checkSignature(parseManifest(manifestText), textOf(input), trusted), PolicyError);
  },
};

const tests = {
  tests: [
    {
      name: "a refund",
      principal: { agent: "spiffe://td/agent/ir-bot", task: "t-1", owner: "dana", tier: "T2", ancestors: ["t-0"] },
      tool: { server: "orders", tool: "refund", effect: "reversible" },
      arguments: { amount: 40 },
      scope: "over-limit",
      approval: { approvers: 2 },
      expect: "allow",
      policies: ["allow"],
    },
    {
      name: "an operator",
      principal: { operator: "lee" },
      tool: { server: "a", tool: "b", effect: "read" },
      expect: "deny",
    },
  ],
};
const document: FuzzTarget = {
  seeds: [bytes(JSON.stringify(tests))],
  words: [...jsonWords, '"principal":', '"expect":', '"requestable"', '"untrusted":', "9e15"].map(bytes),
  error: PolicyError,
  run: (input) => readPolicyTests(valueOf(input)),
};

const policyTexts = [
  'permit (principal, action == Action::"call", resource) when { context.arguments has amount && context.arguments.amount <= 50 };',
  'forbid (principal, action, resource) when { context.arguments has "files/write" && context.tier == "T3" };',
  "permit (principal, action, resource) unless { [1, 2].contains(context.depth) || !(context has approval) };",
];
const cedar: FuzzTarget = {
  seeds: policyTexts.map(bytes),
  words: [
    "permit",
    "forbid",
    "when {",
    "(",
    ")",
    "!",
    " && true",
    "context.",
    ".contains(",
    'decimal("',
    "?principal",
    '@id("',
    "//",
  ].map(bytes),
  error: PolicyError,
  run: (input) => {
    const bundle = PolicyBundle.load(sealed({ fuzzed: textOf(input) }));
    const { allowed, policyIds } = bundle.authorize(callOf());
    assertHolds(!allowed || policyIds.includes("fuzzed"), "an allow that no policy gives");
  },
};

class Denied extends Error {}

const bounded = permitWhen("context.arguments has amount && context.arguments.amount <= 50");
const decision: FuzzTarget = {
  seeds: [{ amount: 40, order: "o-7", tags: ["a"], "files/write": { path: "/x", mode: 420 } }, { amount: -7 }].map(
    (each) => bytes(JSON.stringify(each)),
  ),
  words: [
    ...jsonWords,
    '"amount":',
    '"Amount":',
    "50.0",
    "5e1",
    "9007199254740993",
    '{"__entity":{"type":"Task","id":"',
  ].map(bytes),
  error: Denied,
  run: (input) => {
    const value = valueOf(input);
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Denied("no arguments");
    const args = value as Readonly<Record<string, unknown>>;
    if (!bounded.authorize(callOf({ arguments: args })).allowed) throw new Denied("a no");
    const { amount } = args;
    assertHolds(Number.isSafeInteger(amount) && Number(amount) <= 50, "an amount over the limit is allowed");
  },
};

/** Parsers of untrusted input, and decisions on it, by name. */
export const targets: Readonly<Record<string, FuzzTarget>> = {
  authzen,
  manifest,
  tests: document,
  cedar,
  decision,
};
