// SPDX-License-Identifier: Apache-2.0
import type { RegistrationEntry } from "@mayfly/registration";
import type { EntryMask, EntryMessage } from "@mayfly/rpc";
import { applyMask, type Mask } from "../wire/mask.ts";
import { sortSelectors } from "../wire/selector.ts";
import { toIdFields } from "../wire/spiffe-id.ts";

/** An entry as the wire has it; fields outside the mask are left out. */
export function toEntryMessage(entry: RegistrationEntry, mask?: Mask<EntryMask>): Partial<EntryMessage> {
  const message: EntryMessage = {
    id: entry.id,
    spiffe_id: toIdFields(entry.spiffeId),
    parent_id: toIdFields(entry.parentId),
    selectors: [...entry.selectors],
    x509_svid_ttl: entry.x509SvidTtl,
    federates_with: [...entry.federatesWith],
    admin: entry.admin,
    downstream: entry.downstream,
    expires_at: String(entry.expiresAt),
    dns_names: [...entry.dnsNames],
    revision_number: String(entry.revisionNumber),
    store_svid: entry.storeSvid,
    jwt_svid_ttl: entry.jwtSvidTtl,
    hint: entry.hint,
    created_at: String(entry.createdAt),
  };
  return applyMask(message, mask, "id");
}

/** The form of answers to create and update: selectors and DNS names sorted. */
export function toSortedEntryMessage(entry: RegistrationEntry, mask: Mask<EntryMask>): Partial<EntryMessage> {
  const sorted = { ...entry, selectors: sortSelectors(entry.selectors), dnsNames: entry.dnsNames.toSorted() };
  return toEntryMessage(sorted, mask);
}
