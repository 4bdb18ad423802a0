// SPDX-License-Identifier: Apache-2.0
import { isExpired, isNodeAlias } from "./entry-rules.ts";
import type { RegistrationEntry } from "./registration-entry.ts";
import type { Selector } from "./selector.ts";
import { SelectorSet } from "./selector-set.ts";

/**
 * The entries that a process with these attested selectors gets, sorted by entry id: every selector of the entry is among them.
 * Expired entries, node aliases and those whose SVIDs go to a store are never among them. Of matches with the same hint only the
 * oldest remains, at equal age the one with the smallest id.
 */
export function matchEntries(
  entries: Iterable<RegistrationEntry>,
  attested: Iterable<Selector>,
  options: { readonly now: Date },
): readonly RegistrationEntry[] {
  const set = SelectorSet.of(attested);
  const matches: RegistrationEntry[] = [];
  for (const entry of entries)
    if (set.fulfills(entry.selectors) && yieldsSvids(entry, options.now)) matches.push(entry);
  return withoutHintLosers(matches).toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** Which of two entries keeps a hint that both have: negative when it is `a`. */
export function compareHintPriority(a: RegistrationEntry, b: RegistrationEntry): number {
  if (a.createdAt !== b.createdAt) return a.createdAt - b.createdAt;
  return a.id < b.id ? -1 : 1;
}

function yieldsSvids(entry: RegistrationEntry, now: Date): boolean {
  return !entry.storeSvid && !isNodeAlias(entry) && !isExpired(entry, now);
}

function withoutHintLosers(matches: readonly RegistrationEntry[]): readonly RegistrationEntry[] {
  const winners = new Map<string, RegistrationEntry>();
  for (const entry of matches) {
    const rival = winners.get(entry.hint);
    if (rival === undefined || compareHintPriority(entry, rival) < 0) winners.set(entry.hint, entry);
  }
  return matches.filter((entry) => entry.hint === "" || winners.get(entry.hint) === entry);
}
