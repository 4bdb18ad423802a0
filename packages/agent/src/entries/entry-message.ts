// SPDX-License-Identifier: Apache-2.0
import type { RegistrationEntry } from "@mayfly/registration";
import type { EntryMessage, SpiffeIdMessage } from "@mayfly/rpc";
import { SpiffeId, TrustDomain } from "@mayfly/spiffe";

/** An entry as a server sent it, checked as far as the agent relies on it. @throws {SpiffeIdError | RangeError} for one that can't be used */
export function entryFromMessage(message: EntryMessage): RegistrationEntry {
  if (message.id === "" || message.selectors.length === 0) throw new RangeError("an entry has an id and a selector");
  if (message.selectors.some(({ type, value }) => type === "" || value === ""))
    throw new RangeError("a selector is empty");
  return {
    id: message.id,
    spiffeId: idText(message.spiffe_id),
    parentId: message.parent_id === null ? "" : idText(message.parent_id),
    selectors: message.selectors.map(({ type, value }) => ({ type, value })),
    x509SvidTtl: message.x509_svid_ttl,
    jwtSvidTtl: message.jwt_svid_ttl,
    federatesWith: message.federates_with.map((name) => TrustDomain.parse(name).name),
    admin: message.admin,
    downstream: message.downstream,
    expiresAt: Number(message.expires_at),
    dnsNames: message.dns_names,
    revisionNumber: Number(message.revision_number),
    storeSvid: message.store_svid,
    hint: message.hint,
    createdAt: Number(message.created_at),
  };
}

/** For messages of our own. */
export function entryToMessage(entry: RegistrationEntry): EntryMessage {
  return {
    id: entry.id,
    spiffe_id: idMessage(entry.spiffeId),
    parent_id: entry.parentId === "" ? null : idMessage(entry.parentId),
    selectors: entry.selectors,
    x509_svid_ttl: entry.x509SvidTtl,
    jwt_svid_ttl: entry.jwtSvidTtl,
    federates_with: entry.federatesWith,
    admin: entry.admin,
    downstream: entry.downstream,
    expires_at: String(entry.expiresAt),
    dns_names: entry.dnsNames,
    revision_number: String(entry.revisionNumber),
    store_svid: entry.storeSvid,
    hint: entry.hint,
    created_at: String(entry.createdAt),
  };
}

function idText(id: SpiffeIdMessage | null): string {
  if (id === null) throw new RangeError("an entry has a SPIFFE ID");
  return SpiffeId.parse(`spiffe://${id.trust_domain}${id.path}`).toString();
}

function idMessage(text: string): SpiffeIdMessage {
  const id = SpiffeId.parse(text);
  return { trust_domain: id.trustDomain.name, path: id.path };
}
