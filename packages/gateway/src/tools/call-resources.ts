// SPDX-License-Identifier: Apache-2.0
import { objectOf } from "../mcp/protocol.ts";

/** Stands for a resource that can't be read from the arguments; canonical for nobody, so that the call is refused. */
const unreadable = "";

/** The resources that a call names, as they are written: judging their form is the scope's and the policy's. An argument that is not there names none. */
export function callResources(args: Readonly<Record<string, unknown>>, paths: readonly string[]): readonly string[] {
  return paths.flatMap((path) => textsOf(valueAt(args, path.split("."))));
}

function textsOf(value: unknown): readonly string[] {
  if (value === undefined) return [];
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  return all.map((each) => (typeof each === "string" ? each : unreadable));
}

function valueAt(args: Readonly<Record<string, unknown>>, [first = "", ...rest]: readonly string[]): unknown {
  if (!Object.hasOwn(args, first)) return undefined;
  const value = args[first];
  if (rest.length === 0) return value;
  const members = objectOf(value);
  return members === undefined ? unreadable : valueAt(members, rest);
}
