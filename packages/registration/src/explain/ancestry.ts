// SPDX-License-Identifier: Apache-2.0
import type { EntryIndex } from "../entry-index.ts";
import { isExpired, isNodeAlias } from "../entry-rules.ts";
import type { RegistrationEntry } from "../registration-entry.ts";

/** All that lies above a parent ID. */
export interface Ancestry {
  /** The parent itself and the ancestors' IDs. */
  readonly ids: ReadonlySet<string>;
  /** Aliases that make a node one of `ids`. */
  readonly aliases: readonly RegistrationEntry[];
  /** Those of `ids` above which there is no entry. */
  readonly roots: readonly string[];
  /** Entries on the way that expired; what is above them was only walked with `throughExpired`. */
  readonly expired: readonly RegistrationEntry[];
}

/** Walks up from `parentId`, visiting each ID once, without recursion. */
export function ancestryOf(
  index: EntryIndex,
  parentId: string,
  options: { readonly now: Date; readonly throughExpired: boolean },
): Ancestry {
  const ids = new Set([parentId]);
  const out = { ids, aliases: [] as RegistrationEntry[], roots: [] as string[], expired: [] as RegistrationEntry[] };
  // A set is iterated in order of insertion, also over what is added meanwhile.
  for (const id of ids) {
    const above = index.bySpiffeId(id);
    if (above.length === 0) out.roots.push(id);
    for (const entry of above) {
      const over = isExpired(entry, options.now);
      if (over) out.expired.push(entry);
      if (over && !options.throughExpired) continue;
      if (isNodeAlias(entry)) out.aliases.push(entry);
      else ids.add(entry.parentId);
    }
  }
  return out;
}
