// SPDX-License-Identifier: Apache-2.0
import { formatOperatorKey, parseOperatorKey } from "../approval/operator-key.ts";
import { DocumentReader, type TextRule } from "../document-reader.ts";
import { TaskError } from "../errors.ts";

/** `viewer` reads · `operator` starts, suspends and ends tasks · `approver` decides approvals · `admin` changes profiles and operators. None has another in it. */
export type Role = "viewer" | "operator" | "approver" | "admin";

/** A role over the agents whose path is at or below a prefix. */
export interface RoleGrant {
  readonly role: Role;
  /** `/` = all agents; `/ops` = `ops` and `ops/…`. */
  readonly prefix: string;
}

/** A human, by name, with the keys that speak for them. */
export interface Operator {
  /** Lower-case letters, digits, `.`, `_`, `-`. */
  readonly name: string;
  /** Other names of the same person, such as mail addresses; compared without case. */
  readonly aliases: readonly string[];
  /** SPIFFE IDs by which the person connects; none = by key only. */
  readonly spiffeIds: readonly string[];
  /** `ssh-ed25519 AAAA…` without comment. */
  readonly keys: readonly string[];
  readonly roles: readonly RoleGrant[];
  readonly state: "active" | "suspended" | "removed";
  /** Assigned by the store with every write of the operator; grows. 0 = not stored yet. */
  readonly revision: number;
}

/** What an operator's name is made of. */
export const operatorName: TextRule = {
  max: 63,
  pattern: /^[a-z0-9][a-z0-9._-]*$/,
  expected: "the name of an operator",
};

const aliasRule: TextRule = { max: 256, pattern: /^[^\p{Cc}]+$/u, expected: "a name" };
const spiffeIdRule: TextRule = { max: 2048, pattern: /^spiffe:\/\/[a-z0-9._-]+\/\S+$/, expected: "a SPIFFE ID" };
const prefixRule: TextRule = {
  max: 128,
  pattern: /^\/(?:[a-z0-9][a-z0-9_-]*(?:\/[a-z0-9][a-z0-9_-]*){0,3})?$/,
  expected: "/ or a path of agents without a slash at its end",
};
const roles: readonly Role[] = ["viewer", "operator", "approver", "admin"];

/**
 * Reads a new operator: `{ name, keys, roles, aliases?, spiffeIds? }`. Active, not stored yet.
 * @throws {TaskError} OPERATOR_INVALID with all problems at once
 */
export function parseOperator(value: unknown): Operator {
  const reader = new DocumentReader();
  const operator = readOperator(reader, value);
  if (operator !== undefined && reader.problems.length === 0) return operator;
  const [first] = reader.problems;
  throw new TaskError("OPERATOR_INVALID", `no operator: ${first?.path ?? ""}: ${first?.problem ?? ""}`, {
    problems: reader.problems,
  });
}

/** Whether an active operator has a role over an agent, given by its profile's name. */
export function hasRole(operator: Operator, role: Role, agent: string): boolean {
  const path = `/${agent}`;
  return (
    operator.state === "active" &&
    operator.roles.some(
      (grant) =>
        grant.role === role && (grant.prefix === "/" || path === grant.prefix || path.startsWith(`${grant.prefix}/`)),
    )
  );
}

function readOperator(reader: DocumentReader, value: unknown): Operator | undefined {
  const required = ["name", "keys", "roles"] as const;
  const members = reader.members(value, "", { required, optional: ["aliases", "spiffeIds"] });
  if (members === undefined) return undefined;
  const texts = { min: 0, max: 16, keyOf: (each: string) => each };
  const name = reader.text(members.name, "name", operatorName);
  const keys = reader.list(members.keys, "keys", texts, (each, at) => readKey(reader, each, at));
  const granted = { min: 0, max: 32, keyOf: ({ role, prefix }: RoleGrant) => `${role} ${prefix}` };
  const grants = reader.list(members.roles, "roles", granted, (each, at) => readRole(reader, each, at));
  const aliases = reader.list(members.aliases ?? [], "aliases", texts, (each, at) => reader.text(each, at, aliasRule));
  const ids = members.spiffeIds ?? [];
  const spiffeIds = reader.list(ids, "spiffeIds", texts, (each, at) => reader.text(each, at, spiffeIdRule));
  if (!name || !keys || !grants || !aliases || !spiffeIds) return undefined;
  return { name, aliases, spiffeIds, keys, roles: grants, state: "active", revision: 0 };
}

function readKey(reader: DocumentReader, value: unknown, path: string): string | undefined {
  try {
    return formatOperatorKey(parseOperatorKey(typeof value === "string" ? value : ""));
  } catch {
    return reader.report(path, "expected a public key as ssh-ed25519 AAAA…");
  }
}

function readRole(reader: DocumentReader, value: unknown, path: string): RoleGrant | undefined {
  const members = reader.members(value, path, { required: ["role", "prefix"] });
  if (members === undefined) return undefined;
  const role = reader.choice(members.role, `${path}.role`, roles);
  const prefix = reader.text(members.prefix, `${path}.prefix`, prefixRule);
  return role && prefix ? { role, prefix } : undefined;
}
