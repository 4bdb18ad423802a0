// SPDX-License-Identifier: Apache-2.0
import type { RegistrationEntry } from "@mayfly/registration";
import type { HeldBundle } from "../entries/held-bundle.ts";
import type { HeldSet } from "../entries/held-set.ts";

/** Foreign bundles that these entries give, sorted by trust domain; one that the agent does not have is left out. */
export function federatedBundles(held: HeldSet, entries: readonly RegistrationEntry[]): readonly HeldBundle[] {
  const own = held.ownBundle?.trustDomain.name;
  const names = new Set(entries.flatMap(({ federatesWith }) => federatesWith));
  return [...names].sort().flatMap((name) => {
    const bundle = name === own ? undefined : held.bundle(name);
    return bundle === undefined ? [] : [bundle];
  });
}
