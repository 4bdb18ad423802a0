// SPDX-License-Identifier: Apache-2.0
import type { MatchBehavior, Selector } from "@mayfly/registration";
import { WireError } from "./refusal.ts";

/** Most selectors an entry or a filter may have. */
const maxSelectors = 64;

/** Checks form only; values are compared byte for byte and never as patterns. @throws {WireError} */
export function parseSelectors(fields: readonly Selector[]): Selector[] {
  if (fields.length > maxSelectors) throw new WireError(`more than ${String(maxSelectors)} selectors`);
  return fields.map(({ type, value }) => {
    if (type === "") throw new WireError("missing selector type");
    if (type.includes(":")) throw new WireError("selector type contains ':'");
    if (value === "") throw new WireError("missing selector value");
    return { type, value };
  });
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** A copy in the order by type, then value. */
export function sortSelectors(selectors: readonly Selector[]): Selector[] {
  return selectors.toSorted((a, b) => compare(a.type, b.type) || compare(a.value, b.value));
}

const behaviors: Readonly<Record<string, MatchBehavior>> = {
  MATCH_EXACT: "exact",
  MATCH_SUBSET: "subset",
  MATCH_SUPERSET: "superset",
  MATCH_ANY: "any",
};

/** How the members of a set must match; undefined for a value outside the protocol. */
export function parseMatchBehavior(match: string | number): MatchBehavior | undefined {
  return behaviors[match];
}
