// SPDX-License-Identifier: Apache-2.0
import {
  type AttestedNode,
  authorizedSet,
  EntryIndex,
  explain,
  matchEntries,
  NodeIndex,
  parseSelector,
  type RegistrationEntry,
} from "../src/index.ts";

/** The SPIFFE IDs that a process with these selectors (`type:value`) gets on `node`; if none, what to do about it. */
export function identities(
  entries: readonly RegistrationEntry[],
  node: AttestedNode,
  attested: readonly string[],
  now: Date,
): readonly string[] {
  const index = new EntryIndex(entries);
  const selectors = attested.map(parseSelector);
  const matches = matchEntries(authorizedSet(index, node).values(), selectors, { now });
  if (matches.length > 0) return matches.map(({ spiffeId }) => spiffeId);
  const facts = { entries: index, nodes: new NodeIndex([node]), now };
  return explain({ nodeId: node.id, selectors }, facts).findings.map(({ code, hint }) => `${code}: ${hint}`);
}
