// SPDX-License-Identifier: Apache-2.0
import { DocumentReader, type TextRule } from "../document-reader.ts";
import { TaskError } from "../errors.ts";
import { readScope } from "../scope/parse-scope.ts";
import type { Scope } from "../scope/scope.ts";
import { type Tier, tierNames } from "../tier.ts";
import { operatorName } from "./operator.ts";

/** `retired` is for ever. */
export type ProfileState = "active" | "suspended" | "retired";

/** An AI agent as it is registered: who answers for it and the most that any of its tasks may have. */
export interface AgentProfile {
  /** Path below `/agent` in the trust domain: one to four lower-case segments, none of them `task`. */
  readonly name: string;
  /** Name of the operator who answers for it. */
  readonly owner: string;
  /** Name of the operator who does when the owner can't. */
  readonly backup?: string | undefined;
  readonly tier: Tier;
  readonly ceiling: Scope;
  /** `type:value`, all of them are demanded of a process; at least one. */
  readonly selectors: readonly string[];
  /** SPIFFE ID of the node or node alias that its tasks run on; undefined = named when a task starts. */
  readonly parentId?: string | undefined;
  /** No task lasts longer; someone has to renew it. */
  readonly expiresAt: Date;
  readonly state: ProfileState;
  /** Assigned by the store with every write of the profile; grows. 0 = not stored yet. */
  readonly revision: number;
}

const agentName: TextRule = {
  max: 128,
  pattern: /^(?!(?:[^/]+\/)*task(?:\/|$))[a-z0-9][a-z0-9_-]*(?:\/[a-z0-9][a-z0-9_-]*){0,3}$/,
  expected: "one to four segments of lower-case letters, digits, - and _, none of them task",
};
const selector: TextRule = {
  max: 1024,
  pattern: /^(?!task:)[^:\p{Cc}]+:[^\p{Cc}]+$/u,
  expected: "a selector as type:value, not of type task",
};
const spiffeId: TextRule = { max: 2048, pattern: /^spiffe:\/\/[a-z0-9._-]+\/\S+$/, expected: "a SPIFFE ID" };

/**
 * Reads a new profile: `{ name, owner, backup?, tier, ceiling, selectors, parentId?, expiresAt }`; owner and expiry are mandatory. It is
 * active and not stored yet.
 * @throws {TaskError} PROFILE_INVALID with all problems at once
 */
export function parseProfile(value: unknown): AgentProfile {
  const reader = new DocumentReader();
  const profile = readProfile(reader, value);
  if (profile !== undefined && reader.problems.length === 0) return profile;
  const [first] = reader.problems;
  throw new TaskError("PROFILE_INVALID", `no agent profile: ${first?.path ?? ""}: ${first?.problem ?? ""}`, {
    problems: reader.problems,
  });
}

function readProfile(reader: DocumentReader, value: unknown): AgentProfile | undefined {
  const members = reader.members(value, "", {
    required: ["name", "owner", "tier", "ceiling", "selectors", "expiresAt"],
    optional: ["backup", "parentId"],
  });
  if (members === undefined) return undefined;
  const name = reader.text(members.name, "name", agentName);
  const owner = reader.text(members.owner, "owner", operatorName);
  const tier = reader.choice(members.tier, "tier", tierNames);
  const ceiling = readScope(reader, members.ceiling, "ceiling");
  const rule = { min: 1, max: 32, keyOf: (each: string) => each };
  const selectors = reader.list(members.selectors, "selectors", rule, (each, at) => reader.text(each, at, selector));
  const expiresAt = reader.instant(members.expiresAt, "expiresAt");
  const backup = members.backup === undefined ? undefined : reader.text(members.backup, "backup", operatorName);
  const parentId = members.parentId === undefined ? undefined : reader.text(members.parentId, "parentId", spiffeId);
  if (backup !== undefined && backup === owner) reader.report("backup", "expected somebody else than the owner");
  if (!name || !owner || !tier || !ceiling || !selectors || !expiresAt) return undefined;
  const optional = { ...(backup && { backup }), ...(parentId && { parentId }) };
  return { name, owner, ...optional, tier, ceiling, selectors, expiresAt, state: "active", revision: 0 };
}
