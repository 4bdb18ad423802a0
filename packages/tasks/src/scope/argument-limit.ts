// SPDX-License-Identifier: Apache-2.0
import { isUnambiguous } from "./resource.ts";
import type { ArgumentLimit, Scalar } from "./scope.ts";

/** How an argument stands to its limit. `type`: not comparable with it, so that no approval helps. */
export type ArgumentVerdict = "within" | "over" | "type" | "missing" | "forbidden";

/** Judges an argument's value; undefined = the argument is not there. Compares types first: "10" is not 10. */
export function judgeArgument(limit: ArgumentLimit, value: unknown): ArgumentVerdict {
  if ("absent" in limit) return value === undefined ? "within" : "forbidden";
  if (value === undefined) return "missing";
  if ("equals" in limit) return judgeChoice([limit.equals], value);
  if ("oneOf" in limit) return judgeChoice(limit.oneOf, value);
  if ("prefix" in limit) {
    if (typeof value !== "string" || !isUnambiguous(value)) return "type";
    return value.startsWith(limit.prefix) ? "within" : "over";
  }
  if ("maxLength" in limit) {
    if (typeof value !== "string") return "type";
    return codePoints(value) <= limit.maxLength ? "within" : "over";
  }
  if (typeof value !== "number" || !Number.isFinite(value)) return "type";
  if (limit.integer === true && !Number.isSafeInteger(value)) return "type";
  return value >= (limit.min ?? -Infinity) && value <= (limit.max ?? Infinity) ? "within" : "over";
}

/** Whether each value that `child` takes is one that `parent` takes. Decided without a value at hand; in doubt false. */
export function isArgumentLimitNarrower(child: ArgumentLimit, parent: ArgumentLimit): boolean {
  if ("absent" in child || "absent" in parent) return "absent" in child && "absent" in parent;
  if ("equals" in child) return judgeArgument(parent, child.equals) === "within";
  if ("oneOf" in child) return child.oneOf.every((value) => judgeArgument(parent, value) === "within");
  if ("equals" in parent || "oneOf" in parent) return false;
  if ("prefix" in child) return "prefix" in parent && child.prefix.startsWith(parent.prefix);
  if ("maxLength" in child) return "maxLength" in parent && child.maxLength <= parent.maxLength;
  if ("prefix" in parent || "maxLength" in parent) return false;
  return (
    (child.min ?? -Infinity) >= (parent.min ?? -Infinity) &&
    (child.max ?? Infinity) <= (parent.max ?? Infinity) &&
    (parent.integer !== true || child.integer === true)
  );
}

function judgeChoice(choices: readonly Scalar[], value: unknown): ArgumentVerdict {
  if (choices.some((choice) => choice === value)) return "within";
  if (typeof value === "number" && !Number.isFinite(value)) return "type";
  const isComparable = choices.some((choice) => choice !== null && typeof choice === typeof value);
  return isComparable ? "over" : "type";
}

/** Which values of an argument are over the limit and not of a wrong type: those that an approval may let pass. */
function liftedKinds(limit: ArgumentLimit): readonly string[] {
  if ("absent" in limit) return [];
  if ("equals" in limit) return limit.equals === null ? [] : [typeof limit.equals];
  if ("oneOf" in limit) return limit.oneOf.filter((value) => value !== null).map((value) => typeof value);
  if ("prefix" in limit) return ["path"];
  if ("maxLength" in limit) return ["string"];
  return [limit.integer === true ? "integer" : "number"];
}

const widerKind: Readonly<Record<string, string>> = { path: "string", integer: "number" };

/** Whether each value that an approval may let pass by `child` is one that it may let pass by `parent`. */
export function isLiftNarrower(child: ArgumentLimit, parent: ArgumentLimit): boolean {
  const allowed = liftedKinds(parent);
  return liftedKinds(child).every((kind) => allowed.includes(kind) || allowed.includes(widerKind[kind] ?? kind));
}

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}
