// SPDX-License-Identifier: Apache-2.0
import type { Problem } from "@mayfly/tasks";
import { limits } from "../limits.ts";
import type { Cedar } from "./cedar.ts";

/**
 * Policies that are nested so deeply, by operators in a chain for instance, that an evaluation might overflow the engine's stack. Such a
 * policy may load well and trap only when it is evaluated.
 */
export function findTooDeep(cedar: Cedar, policies: Readonly<Record<string, string>>): Problem[] {
  return Object.entries(policies).flatMap(([path, text]): Problem[] => {
    const answer = cedar.policyToJson(text);
    const isFine = answer.type === "success" && isWithin(answer.json.conditions, limits.policyDepth);
    return isFine ? [] : [{ path, problem: `is nested more than ${String(limits.policyDepth)} levels deep` }];
  });
}

/** In levels of Cedar's JSON: two for an operator. */
function isWithin(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  return depth > 0 && Object.values(value).every((each) => isWithin(each, depth - 1));
}
