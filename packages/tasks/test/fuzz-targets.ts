// SPDX-License-Identifier: Apache-2.0
import { sign } from "node:crypto";
import { assertHolds, attempt, type FuzzTarget } from "@mayfly/testkit";
import { parseSshSignature } from "../src/approval/ssh-signature.ts";
import {
  ApprovalError,
  approvalPayload,
  type ApprovalRequest,
  formatOperatorKey,
  formatScope,
  isNarrower,
  judgeCall,
  parseOperator,
  parseOperatorKey,
  parseProfile,
  parseScope,
  ScopeError,
  TaskError,
  verifyApprovalSignature,
} from "../src/index.ts";
import { approval, now, person, profile, task } from "./samples.ts";
import { sshSignature } from "./ssh-signature-maker.ts";

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

const orders = {
  server: "orders",
  tool: "refund",
  effect: "irreversible",
  resources: { prefix: "orders/eu" },
  arguments: { amount: { min: 0, max: 50 }, "to.name": { oneOf: ["a", 1, true] }, note: { maxLength: 9 } },
  maxCalls: 3,
  notAfter: "2026-12-01T00:00:00.000Z",
  approval: "over-limit",
};
const other = { server: "files", tool: "read_file", effect: "read", resources: { set: ["a/b"] } };
const limits = ['"absent":true', '"equals":', '"prefix":"', '"oneOf":[', '"max":1e308', '"min":-0', "../", "%2e%2e"];

const scope: FuzzTarget = {
  seeds: [{ tools: [orders, other] }, { tools: [] }].map((each) => bytes(JSON.stringify(each))),
  words: [...jsonWords, ...limits, JSON.stringify(other)].map(bytes),
  error: ScopeError,
  run: (input) => {
    const parsed = parseScope(valueOf(input));
    const text = formatScope(parsed);
    assertHolds(formatScope(parseScope(JSON.parse(text))) === text, "a scope changes when it is written and read");
    assertHolds(isNarrower(parsed, parsed).narrower, "a scope is not within itself");
    for (const { server, tool, effect } of parsed.tools) {
      const call = { server, tool, effect, resources: ["orders/eu/1"], arguments: { amount: 1, to: 1 }, at: now };
      const verdict = judgeCall(parsed, call);
      assertHolds(verdict.inScope === (verdict.problems.length === 0), "a verdict without a reason");
    }
    const unknown = { server: "nobody", tool: "query", effect: "read", resources: [], arguments: {}, at: now } as const;
    const isThere = parsed.tools.some(({ server }) => server === "nobody");
    assertHolds(isThere || !judgeCall(parsed, unknown).inScope, "a tool that is in no scope is called");
  },
};

const {
  state: _state,
  revision: _revision,
  expiresAt,
  ...fields
} = profile({ backup: "lee", parentId: "spiffe://td/n" });
const agent: FuzzTarget = {
  seeds: [bytes(JSON.stringify({ ...fields, expiresAt: expiresAt.toISOString() }))],
  words: [...jsonWords, "task/", "/", '"owner":"', '"T3"', "task:id:", "\u212a", "\0"].map(bytes),
  error: TaskError,
  run: (input) => {
    const { name, owner, backup, selectors } = parseProfile(valueOf(input));
    assertHolds(owner !== "" && owner !== backup, "nobody answers for an agent");
    assertHolds(!name.split("/").includes("task"), "an agent's name reads like a task's");
    assertHolds(!selectors.some((each) => each.startsWith("task:")), "a profile gives itself a task");
  },
};

const lee = person("lee");
const [leeKey = ""] = lee.operator.keys;
const people: FuzzTarget = {
  seeds: [
    { name: "lee", keys: lee.operator.keys, roles: lee.operator.roles, aliases: ["Lee@example.org"], spiffeIds: [] },
    { name: "mia", keys: [], roles: [{ role: "admin", prefix: "/ops/db" }], spiffeIds: ["spiffe://td/mia"] },
  ].map((each) => bytes(JSON.stringify(each))),
  words: [...jsonWords, "ssh-ed25519 AAAA", "ssh-rsa AAAA", '"admin"', "/ops/", "\\n", "\u212a"].map(bytes),
  error: TaskError,
  run: (input) => {
    const { keys } = parseOperator(valueOf(input));
    assertHolds(
      keys.every((each) => formatOperatorKey(parseOperatorKey(each)) === each),
      "a key has two texts",
    );
  },
};

const key: FuzzTarget = {
  seeds: [bytes(leeKey), bytes(`${leeKey} lee@example.org`)],
  words: [" ", "ssh-ed25519", "AAAA", "=", "\n", "ssh-rsa "].map(bytes),
  error: ApprovalError,
  run: (input) => {
    const parsed = parseOperatorKey(textOf(input));
    assertHolds(textOf(input).startsWith(formatOperatorKey(parsed)), "a key is written otherwise than it was read");
  },
};

const { request } = approval(task());
const payload = approvalPayload(request, "approve");
const raw = sign(null, payload, lee.privateKey).toString("base64");
const armored = [sshSignature(payload, lee.privateKey), sshSignature(payload, lee.privateKey, { hash: "sha256" })];
const known = armored.map((text) => JSON.stringify(parseSshSignature(text)));
const signature: FuzzTarget = {
  seeds: [raw, ...armored].map(bytes),
  words: ["-----BEGIN SSH SIGNATURE-----\n", "\n", "\r\n", "=", "AAAA", "U1NIU0lH", "sha256"].map(bytes),
  error: ApprovalError,
  run: (input) => {
    // The same characters as what is signed: nothing but the payload itself is.
    const isOther = !Buffer.from(payload).equals(input);
    const made = [raw, ...armored][input.length % 3] ?? raw;
    const isTaken = attempt(() => verifyApprovalSignature(input, made, [leeKey]), ApprovalError);
    assertHolds(!isTaken || !isOther, "a signature over something else is taken");
    const text = textOf(input);
    verifyApprovalSignature(payload, text, [leeKey]);
    const isKnown = text === raw || known.includes(JSON.stringify(parseSshSignature(text)));
    assertHolds(isKnown, "a signature that nobody made is taken");
  },
};

const texts = ["id", "agent", "server", "tool", "policyDigest", "nonce", "requester", "owner"] as const;
const separator = "|";
/** UTF-16, so that half surrogate pairs are reached too. */
const wide = (text: string): Uint8Array => Buffer.from(text, "utf16le");
const signed: FuzzTarget = {
  seeds: [wide(texts.map((name) => request[name]).join(separator)), wide("a|b|c|d|e|f|g|h")],
  words: [separator, '"', "\\", "\n", "mayfly-approval/v1", '","owner":"', "\ud800", "\u2028"].map(wide),
  error: ApprovalError,
  run: (input) => {
    const values = Buffer.from(input).toString("utf16le").split(separator);
    const changed = Object.fromEntries(texts.map((name, index) => [name, values[index] ?? ""]));
    const asked: ApprovalRequest = { ...request, ...changed };
    const [domain, json = "", ...more] = textOf(approvalPayload(asked, "deny")).split("\n");
    assertHolds(domain === "mayfly-approval/v1" && more.length === 0, "what is signed has another shape");
    const { decision, ...read } = JSON.parse(json) as Record<string, unknown>;
    const said = JSON.parse(JSON.stringify(asked)) as Record<string, unknown>;
    const isWhole = decision === "deny" && Object.keys(said).every((name) => read[name] === said[name]);
    assertHolds(isWhole && Object.keys(read).length === Object.keys(said).length, "what is signed says something else");
  },
};

/** Parsers of untrusted input, by name. */
export const targets: Readonly<Record<string, FuzzTarget>> = {
  scope,
  profile: agent,
  operator: people,
  key,
  signature,
  payload: signed,
};
