// SPDX-License-Identifier: Apache-2.0
import { isExpired, isNodeAlias } from "../entry-rules.ts";
import { compareHintPriority } from "../match-entries.ts";
import type { RegistrationEntry } from "../registration-entry.ts";
import type { ExplainFacts } from "./facts.ts";
import type { Finding } from "./finding.ts";
import { aboutEntry } from "./wording.ts";

/** What in the entry itself keeps it from yielding SVIDs. */
export function entryFindings(entry: RegistrationEntry, { now }: ExplainFacts): Finding[] {
  const out: Finding[] = [];
  if (isNodeAlias(entry)) {
    const message = `entry ${entry.id} names a group of nodes (its parent is the server) and yields no SVID`;
    out.push(
      aboutEntry("NODE_ALIAS", entry, message, `mayfly entry update ${entry.id} --parent-id <SPIFFE ID of a node>`),
    );
  }
  if (isExpired(entry, now)) {
    const message = `entry ${entry.id} ended at ${new Date(entry.expiresAt * 1000).toISOString()}`;
    out.push(aboutEntry("ENTRY_EXPIRED", entry, message, `mayfly entry update ${entry.id} --expires-in 24h`));
  }
  if (entry.storeSvid) {
    const message = `SVIDs of entry ${entry.id} go to secret stores only`;
    out.push(aboutEntry("STORE_SVID", entry, message, "create an entry without --store-svid for the process"));
  }
  return out;
}

/** Of entries that all match: those that lose their hint to another one. */
export function hintFindings(matching: readonly RegistrationEntry[]): Finding[] {
  const winners = new Map<string, RegistrationEntry>();
  for (const entry of matching.toSorted(compareHintPriority)) {
    if (entry.hint !== "" && !winners.has(entry.hint)) winners.set(entry.hint, entry);
  }
  return matching.flatMap((entry) => {
    const winner = winners.get(entry.hint);
    if (winner === undefined || winner === entry) return [];
    const message = `entry ${entry.id} and the older entry ${winner.id} (${winner.spiffeId}) have the same hint ${JSON.stringify(entry.hint)}`;
    return [aboutEntry("HINT_TAKEN", entry, message, `mayfly entry update ${entry.id} --hint <another>`)];
  });
}

/** Of an entry that matches: trust domains whose bundles its processes will miss. */
export function bundleFindings(entry: RegistrationEntry, { bundles }: ExplainFacts): Finding[] {
  if (bundles === undefined) return [];
  return entry.federatesWith
    .filter((name) => !bundles.has(name))
    .map((name) => {
      const message = `entry ${entry.id} federates with ${name}, whose bundle is not stored`;
      return aboutEntry("NO_BUNDLE", entry, message, `mayfly bundle set --trust-domain ${name}`);
    });
}
