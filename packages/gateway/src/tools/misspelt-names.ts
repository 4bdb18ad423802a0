// SPDX-License-Identifier: Apache-2.0
import { objectOf } from "../mcp/protocol.ts";

const maxDepth = 32;

/**
 * Path of the first argument whose name differs from a known one by case only: a tool that reads names without regard to case would take it
 * for the known one, on which limits stand. Known are the properties of the pinned input schema, and the paths that the scope limits.
 */
export function findMisspelt(args: unknown, inputSchema: unknown, limited: readonly string[]): string | undefined {
  return find(args, { schema: inputSchema, paths: limited.map((path) => path.split(".")) }, []);
}

interface Known {
  readonly schema: unknown;
  readonly paths: readonly (readonly string[])[];
}

function find(value: unknown, known: Known, at: readonly string[]): string | undefined {
  if (at.length > maxDepth) return at.join(".");
  if (Array.isArray(value)) {
    const items = { schema: objectOf(known.schema)?.["items"], paths: known.paths };
    return first(value, (each: unknown) => find(each, items, at));
  }
  const members = objectOf(value);
  if (members === undefined) return undefined;
  const properties = objectOf(objectOf(known.schema)?.["properties"]) ?? {};
  const exact = new Set([...Object.keys(properties), ...known.paths.map(([name = ""]) => name)]);
  const folded = new Set([...exact].map(fold));
  return first(Object.keys(members), (name) => {
    const path = [...at, name];
    if (!exact.has(name) && folded.has(fold(name))) return path.join(".");
    const paths = known.paths.filter(([head]) => head === name).map((each) => each.slice(1));
    const schema = Object.hasOwn(properties, name) ? properties[name] : undefined;
    return find(members[name], { schema, paths: paths.filter(({ length }) => length > 0) }, path);
  });
}

function first<T>(values: readonly T[], look: (value: T) => string | undefined): string | undefined {
  for (const value of values) {
    const found = look(value);
    if (found !== undefined) return found;
  }
  return undefined;
}

function fold(name: string): string {
  return name.toUpperCase().toLowerCase();
}
