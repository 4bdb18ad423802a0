// SPDX-License-Identifier: Apache-2.0
import type { EntryMessage } from "@mayfly/rpc";
import { printRecord, relative, span, timestamp } from "../../output.ts";
import { idText } from "../../values.ts";

/** Stable JSON form of an entry. */
export function entryJson(entry: EntryMessage): Record<string, unknown> {
  return {
    id: entry.id,
    spiffe_id: idText(entry.spiffe_id),
    parent_id: idText(entry.parent_id),
    selectors: selectorTexts(entry),
    x509_svid_ttl: entry.x509_svid_ttl,
    jwt_svid_ttl: entry.jwt_svid_ttl,
    federates_with: entry.federates_with,
    dns_names: entry.dns_names,
    hint: entry.hint,
    admin: entry.admin,
    downstream: entry.downstream,
    store_svid: entry.store_svid,
    expires_at: timestamp(entry.expires_at) ?? null,
    revision_number: Number(entry.revision_number),
    created_at: timestamp(entry.created_at) ?? null,
  };
}

/** `type:value` of each selector. */
export function selectorTexts(entry: Pick<EntryMessage, "selectors">): string[] {
  return entry.selectors.map((selector) => `${selector.type}:${selector.value}`);
}

/** All fields that are set, for people. */
export function printEntry(entry: EntryMessage): void {
  const flags = [
    entry.admin ? "admin" : "",
    entry.downstream ? "downstream" : "",
    entry.store_svid ? "store-svid" : "",
  ];
  printRecord([
    ["Entry ID", entry.id],
    ["SPIFFE ID", idText(entry.spiffe_id)],
    ["Parent ID", idText(entry.parent_id)],
    ["Selectors", selectorTexts(entry).join("  ")],
    ["X.509-SVID TTL", entry.x509_svid_ttl === 0 ? "default" : span(entry.x509_svid_ttl)],
    ["JWT-SVID TTL", entry.jwt_svid_ttl === 0 ? "default" : span(entry.jwt_svid_ttl)],
    ["DNS names", entry.dns_names.join("  ")],
    ["Federates with", entry.federates_with.join("  ")],
    ["Hint", entry.hint],
    ["Flags", flags.filter((flag) => flag !== "").join(" ")],
    ["Ends", Number(entry.expires_at) === 0 ? "" : relative(entry.expires_at)],
    ["Revision", entry.revision_number],
    ["Created", Number(entry.created_at) === 0 ? "" : relative(entry.created_at)],
  ]);
}
