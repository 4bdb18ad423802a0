// SPDX-License-Identifier: Apache-2.0
import type { AuthorityRecord } from "../ports.ts";

/** The authorities of one kind by what they are used for. */
export interface AuthoritySlots {
  /** Signs. */
  readonly active: AuthorityRecord | undefined;
  /** Published and waiting. Never there together with `old`. */
  readonly prepared: AuthorityRecord | undefined;
  /** Was active before. */
  readonly old: AuthorityRecord | undefined;
  /** All of them, oldest first, with those that left the slots and are still in the bundle. */
  readonly records: readonly AuthorityRecord[];
}

/** Sorts the stored records of one kind (oldest first) into their slots. */
export function slotsOf(records: readonly AuthorityRecord[]): AuthoritySlots {
  const at = (slot: AuthorityRecord["slot"]): AuthorityRecord | undefined =>
    records.findLast((each) => each.slot === slot);
  return { active: at("active"), prepared: at("prepared"), old: at("old"), records };
}
