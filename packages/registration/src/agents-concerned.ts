// SPDX-License-Identifier: Apache-2.0
import type { EntryIndex } from "./entry-index.ts";
import { isNodeAlias } from "./entry-rules.ts";
import type { NodeIndex } from "./node-index.ts";
import type { RegistrationEntry } from "./registration-entry.ts";

/**
 * Ids of the nodes whose authorized set changes when `entry` comes, goes or changes: those that reach its parent; of an alias,
 * those that fulfill its selectors. It may be asked before or after the index took the change in; for an update ask for the entry
 * as it was and as it is.
 */
export function agentsConcerned(index: EntryIndex, nodes: NodeIndex, entry: RegistrationEntry): ReadonlySet<string> {
  return isNodeAlias(entry) ? new Set(nodes.fulfilling(entry.selectors)) : nodesThatReach(index, nodes, entry.parentId);
}

/** Ids of the nodes that are `spiffeId`, by their own ID, an alias, or as an ancestor: the closure of `authorizedSet`, walked upwards. */
function nodesThatReach(index: EntryIndex, nodes: NodeIndex, spiffeId: string): ReadonlySet<string> {
  const out = new Set<string>();
  const waiting = [spiffeId];
  const seen = new Set(waiting);
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (nodes.get(id) !== undefined) out.add(id);
    for (const entry of index.bySpiffeId(id)) {
      if (isNodeAlias(entry)) {
        for (const nodeId of nodes.fulfilling(entry.selectors)) out.add(nodeId);
      } else if (!seen.has(entry.parentId)) {
        seen.add(entry.parentId);
        waiting.push(entry.parentId);
      }
    }
  }
  return out;
}
