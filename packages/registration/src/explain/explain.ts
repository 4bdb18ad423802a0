// SPDX-License-Identifier: Apache-2.0
import { isNodeAlias } from "../entry-rules.ts";
import type { RegistrationEntry } from "../registration-entry.ts";
import { SelectorSet } from "../selector-set.ts";
import { bundleFindings, entryFindings, hintFindings } from "./entry-findings.ts";
import { candidates } from "./candidates.ts";
import type { ExplainFacts, ExplainQuestion, Explanation } from "./facts.ts";
import type { Finding } from "./finding.ts";
import { noEntryFinding } from "./no-entry.ts";
import { agentObstacle, nodeObstacle } from "./node-findings.ts";
import { parentObstacle } from "./parent-findings.ts";
import { selectorFindings } from "./selector-findings.ts";

/** Near misses that are told; more remote ones are not, so that the answer stays short. */
const maxNearMisses = 5;
/** More than anybody reads; a node can have thousands of entries with one hint. */
const maxFindings = 50;

interface Judged {
  readonly entry: RegistrationEntry;
  readonly findings: readonly Finding[];
}

/**
 * Why a process with these selectors, on this node, does or does not get an identity (this one, if one is named), and the smallest
 * changes that would alter it. Pure, and by the same rules as `authorizedSet` and `matchEntries`.
 * @throws {TypeError} when nothing is asked
 */
export function explain(question: ExplainQuestion, facts: ExplainFacts): Explanation {
  const { spiffeId, nodeId, selectors } = question;
  if ([spiffeId, nodeId, selectors].every((part) => part === undefined)) throw new TypeError("nothing is asked");
  const blocked = nodeId === undefined ? undefined : nodeObstacle(nodeId, facts);
  if (blocked !== undefined) return { matches: [], findings: [blocked] };
  const behind = nodeId === undefined ? undefined : agentObstacle(nodeId, facts);
  const judged = candidates(question, facts).map((entry) => judge(entry, question, facts));
  const fitting = judged.filter(({ findings }) => findings.length === 0).map(({ entry }) => entry);
  const losers = selectors === undefined ? [] : hintFindings(fitting);
  const isAsked = (about: { readonly spiffeId: string }): boolean =>
    spiffeId === undefined || about.spiffeId === spiffeId;
  const lost = new Set(losers.map(({ entryId }) => entryId));
  const matches = fitting.filter((entry) => isAsked(entry) && !lost.has(entry.id));
  const asked = judged.filter(({ entry }) => isAsked(entry));
  return {
    matches: matches.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    findings: [
      ...(behind === undefined ? [] : [behind]),
      ...losers.filter(isAsked),
      ...matches.flatMap((entry) => bundleFindings(entry, facts)),
      ...(fitting.some(isAsked) ? [] : nearMisses(asked, question, facts)),
    ].slice(0, maxFindings),
  };
}

function judge(entry: RegistrationEntry, { selectors, nodeId }: ExplainQuestion, facts: ExplainFacts): Judged {
  const { nodes } = facts;
  const node = nodeId === undefined ? undefined : nodes?.get(nodeId);
  const looksUp = nodes !== undefined && !isNodeAlias(entry);
  const parent = looksUp ? parentObstacle(entry, node, { ...facts, nodes }) : undefined;
  return {
    entry,
    findings: [
      ...(selectors === undefined || isNodeAlias(entry) ? [] : selectorFindings(entry, SelectorSet.of(selectors))),
      ...(parent === undefined ? [] : [parent]),
      ...entryFindings(entry, facts),
    ],
  };
}

function nearMisses(judged: readonly Judged[], question: ExplainQuestion, facts: ExplainFacts): readonly Finding[] {
  if (judged.length === 0 || question.selectors?.length === 0) return [noEntryFinding(question, facts)];
  const weight = ({ entry, findings }: Judged): number => findings.length + (isNodeAlias(entry) ? 3 : 0);
  const least = Math.min(...judged.map(weight));
  return judged
    .filter((one) => weight(one) === least)
    .slice(0, maxNearMisses)
    .flatMap(({ findings }) => findings);
}
