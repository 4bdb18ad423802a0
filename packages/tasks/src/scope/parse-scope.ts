// SPDX-License-Identifier: Apache-2.0
import { DocumentReader, type TextRule } from "../document-reader.ts";
import { ScopeError } from "../errors.ts";
import { readArgumentLimits, readResourceLimit } from "./read-limits.ts";
import { clauses, effects, type Scope, type ToolScope } from "./scope.ts";

const serverName: TextRule = { max: 63, pattern: /^[a-z0-9][a-z0-9._-]*$/, expected: "the name of a tool server" };
const toolName: TextRule = { max: 128, pattern: /^[A-Za-z0-9_./-]+$/, expected: "the name of a tool" };
const maxTools = 64;

/**
 * Reads a scope: plain objects as JSON and YAML give them, instants as RFC 3339 text. Strict: no unknown member, no tool twice, at most
 * 64 tools. `formatScope` is the inverse.
 * @throws {ScopeError} SCOPE_INVALID with all problems at once
 */
export function parseScope(value: unknown): Scope {
  const reader = new DocumentReader();
  const scope = readScope(reader, value, "");
  if (scope === undefined || reader.problems.length > 0) throw new ScopeError(reader.problems);
  return scope;
}

/** A scope inside a larger document; problems go to its reader. */
export function readScope(reader: DocumentReader, value: unknown, path: string): Scope | undefined {
  const members = reader.members(value, path, { required: ["tools"] });
  if (members === undefined || members.tools === undefined) return undefined;
  const tools = reader.list(
    members.tools,
    path === "" ? "tools" : `${path}.tools`,
    { min: 0, max: maxTools, keyOf: ({ server, tool }: ToolScope) => `${server} ${tool}` },
    (tool, at) => readTool(reader, tool, at),
  );
  return tools === undefined ? undefined : { tools };
}

function readTool(reader: DocumentReader, value: unknown, path: string): ToolScope | undefined {
  const members = reader.members(value, path, {
    required: ["server", "tool", "effect"],
    optional: ["resources", "arguments", "maxCalls", "notAfter", "approval"],
  });
  if (members === undefined) return undefined;
  const server = reader.text(members.server, `${path}.server`, serverName);
  const tool = reader.text(members.tool, `${path}.tool`, toolName);
  const effect = reader.choice(members.effect, `${path}.effect`, effects);
  const limits = given({
    resources: read(members.resources, (each) => readResourceLimit(reader, each, `${path}.resources`)),
    arguments: read(members.arguments, (each) => readArgumentLimits(reader, each, `${path}.arguments`)),
    maxCalls: read(members.maxCalls, (each) =>
      reader.integer(each, `${path}.maxCalls`, { min: 0, max: 1_000_000_000 }),
    ),
    notAfter: read(members.notAfter, (each) => reader.instant(each, `${path}.notAfter`)),
    approval: read(members.approval, (each) => reader.choice(each, `${path}.approval`, clauses)),
  });
  return server && tool && effect ? { server, tool, effect, ...limits } : undefined;
}

function read<T>(value: unknown, reading: (value: unknown) => T | undefined): T | undefined {
  return value === undefined ? undefined : reading(value);
}

/** The members that are there: two equal scopes are deeply equal. */
function given<T extends object>(members: T): Partial<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Partial<T>;
}
