// SPDX-License-Identifier: Apache-2.0
import type { AttestedNode } from "../attested-node.ts";
import type { NodeIndex } from "../node-index.ts";
import type { RegistrationEntry } from "../registration-entry.ts";
import { SelectorSet } from "../selector-set.ts";
import { type Ancestry, ancestryOf } from "./ancestry.ts";
import type { ExplainFacts } from "./facts.ts";
import type { Finding } from "./finding.ts";
import { isUsable, nodeObstacle } from "./node-findings.ts";
import { aboutEntry, adjustCommand, shownList } from "./wording.ts";

/** Why `node` (or, without one, any node that may act) does not reach the entry through its parent; undefined when it does. */
export function parentObstacle(
  entry: RegistrationEntry,
  node: AttestedNode | undefined,
  facts: ExplainFacts & { readonly nodes: NodeIndex },
): Finding | undefined {
  const reaches = (ancestry: Ancestry): boolean =>
    node === undefined ? usableNodes(ancestry, facts).length > 0 : isAbove(node, ancestry);
  const { now } = facts;
  const ancestry = ancestryOf(facts.entries, entry.parentId, { now, throughExpired: false });
  if (reaches(ancestry)) return undefined;
  const [over] = ancestry.expired;
  if (over !== undefined && reaches(ancestryOf(facts.entries, entry.parentId, { now, throughExpired: true }))) {
    const message = `entry ${entry.id} hangs below entry ${over.id} (${over.spiffeId}), which expired`;
    return aboutEntry("PARENT_EXPIRED", entry, message, `mayfly entry update ${over.id} --expires-in 24h`);
  }
  return aliasObstacle(entry, ancestry, node) ?? rootObstacle(entry, ancestry, node, facts);
}

function isAbove(node: AttestedNode, { ids, aliases }: Ancestry): boolean {
  const has = SelectorSet.of(node.selectors);
  return ids.has(node.id) || aliases.some((alias) => has.fulfills(alias.selectors));
}

function usableNodes({ ids, aliases }: Ancestry, facts: ExplainFacts & { readonly nodes: NodeIndex }): string[] {
  const above = [...ids, ...aliases.flatMap(({ selectors }) => facts.nodes.fulfilling(selectors))];
  return above.filter((id) => {
    const node = facts.nodes.get(id);
    return node !== undefined && isUsable(node, facts.now);
  });
}

/** The group of nodes that `node` is nearest to belonging to. */
function aliasObstacle(
  entry: RegistrationEntry,
  { aliases }: Ancestry,
  node: AttestedNode | undefined,
): Finding | undefined {
  const has = SelectorSet.of(node?.selectors ?? []);
  const [nearest] = aliases
    .map((alias) => ({ alias, missing: has.missing(alias.selectors) }))
    .toSorted((a, b) => a.missing.length - b.missing.length);
  if (nearest === undefined) return undefined;
  const { alias, missing } = nearest;
  const who = node === undefined ? "no attested node" : `node ${node.id}`;
  const verb = node === undefined ? "has" : "lacks";
  const what = node === undefined ? shownList(alias.selectors) : shownList(missing);
  const command = node === undefined ? undefined : adjustCommand(alias, has);
  const parent = node === undefined ? "" : `, or: mayfly entry update ${entry.id} --parent-id ${node.id}`;
  return aboutEntry(
    "ALIAS_MISSING_SELECTOR",
    entry,
    `entry ${entry.id} hangs under ${alias.spiffeId} (entry ${alias.id}), and ${who} ${verb} ${what}`,
    `let the node attest with ${what}${command === undefined ? parent : `, or: ${command}`}`,
  );
}

function rootObstacle(
  entry: RegistrationEntry,
  { ids, roots }: Ancestry,
  node: AttestedNode | undefined,
  facts: ExplainFacts & { readonly nodes: NodeIndex },
): Finding {
  const move = `mayfly entry update ${entry.id} --parent-id ${node?.id ?? "<SPIFFE ID of a node>"}`;
  const other = [...ids].find((id) => facts.nodes.get(id) !== undefined);
  if (other !== undefined && node === undefined) {
    const obstacle = nodeObstacle(other, facts);
    if (obstacle !== undefined) return { ...obstacle, entryId: entry.id, spiffeId: entry.spiffeId };
  }
  if (other !== undefined) {
    const message = `entry ${entry.id} hangs under node ${other}${node === undefined ? "" : `, the process runs on ${node.id}`}`;
    return aboutEntry("WRONG_PARENT", entry, message, `run the process on that node, or: ${move}`);
  }
  const [root] = roots;
  if (root === undefined) {
    return aboutEntry("PARENT_CYCLE", entry, `the parents of entry ${entry.id} lead back to ${entry.parentId}`, move);
  }
  const message = `entry ${entry.id} hangs under ${root}, which is neither an attested node nor the ID of an entry`;
  return aboutEntry("PARENT_UNKNOWN", entry, message, `attest that node, or: ${move}`);
}
