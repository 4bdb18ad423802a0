// SPDX-License-Identifier: Apache-2.0
import { limits } from "../limits.ts";
import type { CedarValue } from "./cedar.ts";
import type { ArgumentType, DeclaredArguments } from "./declared-arguments.ts";

/** The arguments that policies see, or why the call can't be judged. */
export type ArgumentsVerdict =
  | { readonly values: Readonly<Record<string, CedarValue>>; readonly undeclared: readonly string[] }
  | { readonly refused: "ARGUMENT_WRONG_TYPE" | "ARGUMENTS_TOO_LARGE"; readonly argument?: string | undefined };

/** Thrown inside this file only. */
class WrongType extends Error {}

/**
 * Picks the declared arguments out of a call and turns them into Cedar's values. A value of another type than declared refuses the
 * call: "10" is not 10, and 40.5 is no Long. Names that are not declared are told by name only.
 *
 * A declared name with a slash in it is a tool, `server/tool`, and its record is all that this tool may be given.
 */
export function toCedarArguments(
  declared: DeclaredArguments,
  args: Readonly<Record<string, unknown>>,
  tool: string,
): ArgumentsVerdict {
  if (!isWithinLimits(args)) return { refused: "ARGUMENTS_TOO_LARGE" };
  const own = declared.get(tool);
  if (own !== undefined) return pick(declared, { [tool]: args }, tool);
  return pick(declared, args);
}

function pick(declared: DeclaredArguments, args: Readonly<Record<string, unknown>>, tool?: string): ArgumentsVerdict {
  const values: [string, CedarValue][] = [];
  const undeclared: string[] = [];
  for (const [name, value] of Object.entries(args)) {
    const type = name.includes("/") && name !== tool ? undefined : declared.get(name);
    try {
      if (type === undefined) undeclared.push(name);
      else values.push([name, convert(type, value)]);
    } catch (error) {
      if (error instanceof WrongType) return { refused: "ARGUMENT_WRONG_TYPE", argument: name };
      throw error;
    }
  }
  return { values: Object.fromEntries(values), undeclared };
}

function convert(type: ArgumentType, value: unknown): CedarValue {
  switch (type.kind) {
    case "String":
      if (typeof value === "string" && value.isWellFormed()) return value;
      break;
    case "Bool":
      if (typeof value === "boolean") return value;
      break;
    case "Long":
      if (Number.isSafeInteger(value)) return Object.is(value, -0) ? 0 : (value as number);
      break;
    case "extension":
      return convertExtension(type.constructor, value);
    case "Set":
      if (Array.isArray(value)) return value.map((each) => convert(type.element, each));
      break;
    case "Record":
      if (isObject(value)) return convertRecord(type.members, value);
      break;
  }
  throw new WrongType();
}

/** A declared record takes no other members: what a policy did not foresee inside of it is not let through unseen. */
function convertRecord(members: DeclaredArguments, value: Readonly<Record<string, unknown>>): CedarValue {
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => {
      const type = members.get(name);
      if (type === undefined) throw new WrongType();
      return [name, convert(type, each)];
    }),
  );
}

/** A decimal may come as a JSON number of at most four places; what Cedar's constructor refuses, it refuses. */
function convertExtension(constructor: string, value: unknown): CedarValue {
  if (typeof value === "string" && value.isWellFormed()) return { __extn: { fn: constructor, arg: value } };
  if (constructor !== "decimal" || typeof value !== "number" || !Number.isFinite(value)) throw new WrongType();
  const text = Number.isInteger(value) ? `${String(value)}.0` : String(value);
  if (!/^-?\d{1,15}\.\d{1,4}$/.test(text)) throw new WrongType();
  return { __extn: { fn: constructor, arg: text } };
}

function isWithinLimits(args: Readonly<Record<string, unknown>>): boolean {
  let members = limits.argumentMembers;
  let length = limits.argumentLength;
  const visit = (value: unknown, depth: number): boolean => {
    if (typeof value === "string") return (length -= value.length) >= 0;
    if (typeof value !== "object" || value === null) return true;
    if (depth === 0) return false;
    const isList = Array.isArray(value);
    return Object.entries(value).every(([name, each]) => {
      if (!isList) length -= name.length;
      return --members >= 0 && length >= 0 && visit(each, depth - 1);
    });
  };
  return visit(args, limits.argumentDepth);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
