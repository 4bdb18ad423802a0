// SPDX-License-Identifier: Apache-2.0
import { objectOf } from "./protocol.ts";

/** An argument that a tool's definition wants to see in a header. */
export interface ParamHeader {
  /** Behind `Mcp-Param-`. */
  readonly header: string;
  /** Member names from the arguments down. */
  readonly path: readonly string[];
}

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,64}$/;
const maxDepth = 8;

/** The `x-mcp-header` declarations of an input schema that are reached by `properties` alone; others are of no effect. MCP 2026-07-28. */
export function paramHeaders(inputSchema: unknown): readonly ParamHeader[] {
  const found: ParamHeader[] = [];
  visit(inputSchema, [], found);
  return found;
}

/** The text of an argument that a header carries; undefined = none is sent. */
export function paramText(args: Readonly<Record<string, unknown>>, path: readonly string[]): string | undefined {
  let value: unknown = args;
  for (const name of path) {
    const members = objectOf(value);
    value = members !== undefined && Object.hasOwn(members, name) ? members[name] : undefined;
  }
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return String(value);
  return typeof value === "number" && (!Number.isInteger(value) || Number.isSafeInteger(value))
    ? String(value)
    : undefined;
}

function visit(schema: unknown, path: readonly string[], found: ParamHeader[]): void {
  const properties = objectOf(objectOf(schema)?.["properties"]);
  if (properties === undefined || path.length >= maxDepth) return;
  for (const [name, property] of Object.entries(properties)) {
    const header = objectOf(property)?.["x-mcp-header"];
    if (typeof header === "string" && token.test(header)) found.push({ header, path: [...path, name] });
    visit(property, [...path, name], found);
  }
}
