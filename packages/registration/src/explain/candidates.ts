// SPDX-License-Identifier: Apache-2.0
import { authorizedSet } from "../authorized-set.ts";
import { isNodeAlias } from "../entry-rules.ts";
import type { RegistrationEntry } from "../registration-entry.ts";
import { SelectorSet } from "../selector-set.ts";
import type { ExplainFacts, ExplainQuestion } from "./facts.ts";

/** Near misses that are looked at closely. */
const maxNear = 20;

interface Ranked {
  readonly entry: RegistrationEntry;
  /** Selectors that the process lacks, plus 1 when the node does not reach the entry. */
  readonly distance: number;
}

/** The entries worth judging, nearest first: all at distance 0, also of other IDs (they may be rivals for a hint), and the nearest of the rest. */
export function candidates(question: ExplainQuestion, facts: ExplainFacts): readonly RegistrationEntry[] {
  const ranked = rank(question, facts).toSorted((a, b) => a.distance - b.distance);
  const fitting = ranked.filter(({ distance }) => distance === 0).length;
  return ranked.slice(0, fitting + maxNear).map(({ entry }) => entry);
}

function rank({ spiffeId, nodeId, selectors }: ExplainQuestion, { entries, nodes }: ExplainFacts): Ranked[] {
  const node = nodeId === undefined ? undefined : nodes?.get(nodeId);
  const reached = node === undefined ? undefined : authorizedSet(entries, node);
  if (selectors === undefined) {
    const all = spiffeId === undefined ? (reached?.values() ?? entries) : entries.bySpiffeId(spiffeId);
    return [...all].map((entry) => ({ entry, distance: 0 }));
  }
  const set = SelectorSet.of(selectors);
  const out: Ranked[] = [];
  for (const entry of entries) {
    const missing = set.missing(entry.selectors).length;
    const distance = missing + Number(reached?.has(entry.id) === false);
    const isAsked = entry.spiffeId === spiffeId;
    // Without a name to go by, a near miss shares a selector with the process or is within the node's reach.
    const isNear =
      isAsked || (spiffeId === undefined && (missing < entry.selectors.length || reached?.has(entry.id) === true));
    if (distance === 0 || (isNear && (isAsked || !isNodeAlias(entry)))) out.push({ entry, distance });
  }
  return out;
}
