// SPDX-License-Identifier: Apache-2.0
import type { AttestedNode, RegistrationEntry, Selector } from "../src/index.ts";
import { server } from "./worlds.ts";

function includes(all: readonly Selector[], one: Selector): boolean {
  return all.some(({ type, value }) => type === one.type && value === one.value);
}

/** a ⊆ b, and a demands something. */
function naiveSubset(a: readonly Selector[], b: readonly Selector[]): boolean {
  return a.length > 0 && a.every((selector) => includes(b, selector));
}

/** The closure as the server API's rules define it, without any index. */
export function naiveAuthorized(
  entries: readonly RegistrationEntry[],
  { id, selectors }: Pick<AttestedNode, "id" | "selectors">,
): Map<string, RegistrationEntry> {
  const seen = new Set<string>();
  const out = new Map<string, RegistrationEntry>();
  const visit = (parent: string): void => {
    if (seen.has(parent)) return;
    seen.add(parent);
    for (const child of entries) {
      if (child.parentId !== parent || child.parentId === server) continue;
      out.set(child.id, child);
      visit(child.spiffeId);
    }
  };
  visit(id);
  for (const alias of entries) {
    if (alias.parentId === server && naiveSubset(alias.selectors, selectors)) visit(alias.spiffeId);
  }
  return out;
}

/** The agent's match as the rules define it, one condition after the other. */
export function naiveMatch(
  entries: readonly RegistrationEntry[],
  attested: readonly Selector[],
  nowSeconds: number,
): RegistrationEntry[] {
  const candidates = entries
    .filter((entry) => naiveSubset(entry.selectors, attested))
    .filter((entry) => !entry.storeSvid && entry.parentId !== server)
    .filter((entry) => entry.expiresAt === 0 || entry.expiresAt > nowSeconds)
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return candidates.filter(
    (entry) =>
      entry.hint === "" ||
      candidates.every(
        (rival) =>
          rival.hint !== entry.hint ||
          rival.createdAt > entry.createdAt ||
          (rival.createdAt === entry.createdAt && rival.id >= entry.id),
      ),
  );
}
