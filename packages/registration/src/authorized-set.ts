// SPDX-License-Identifier: Apache-2.0
import type { AttestedNode } from "./attested-node.ts";
import type { EntryIndex } from "./entry-index.ts";
import type { RegistrationEntry } from "./registration-entry.ts";

/**
 * The entries that an agent may serve, by id: all descendants of its own ID and of every alias that its node selectors fulfill.
 * Aliases themselves are never among them. Visits each parent once, so cycles end, and keeps its own stack, so depth is no limit.
 */
export function authorizedSet(
  index: EntryIndex,
  node: Pick<AttestedNode, "id" | "selectors">,
): ReadonlyMap<string, RegistrationEntry> {
  const out = new Map<string, RegistrationEntry>();
  const waiting = [node.id, ...index.aliasesFor(node.selectors).map(({ spiffeId }) => spiffeId)];
  const seen = new Set(waiting);
  for (let parent = waiting.pop(); parent !== undefined; parent = waiting.pop()) {
    for (const entry of index.childrenOf(parent)) {
      out.set(entry.id, entry);
      if (seen.has(entry.spiffeId)) continue;
      seen.add(entry.spiffeId);
      waiting.push(entry.spiffeId);
    }
  }
  return out;
}
