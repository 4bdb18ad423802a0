// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from "node:crypto";
import type { AttestedNode, NewEntry, Selector, StoredBundle } from "@mayfly/registration";

/** An instant for stores that take the time as an argument. */
export const now: Date = new Date("2026-03-01T12:00:00Z");

/** `now` in Unix seconds. */
export const nowSeconds: number = now.getTime() / 1000;

/** "unix:uid:1" → type "unix", value "uid:1". */
export function selector(text: string): Selector {
  const colon = text.indexOf(":");
  return { type: text.slice(0, colon), value: text.slice(colon + 1) };
}

/** An entry that differs from every other in id and SPIFFE ID. */
export function newEntry(fields: Partial<NewEntry> = {}): NewEntry {
  const id = randomUUID();
  return {
    id,
    spiffeId: `spiffe://example.org/${id}`,
    parentId: "spiffe://example.org/spire/agent/a",
    selectors: [selector("unix:uid:1000")],
    x509SvidTtl: 0,
    jwtSvidTtl: 0,
    federatesWith: [],
    admin: false,
    downstream: false,
    expiresAt: 0,
    dnsNames: [],
    storeSvid: false,
    hint: "",
    ...fields,
  };
}

/** A node that is not banned and expires an hour after `now`. */
export function newNode(fields: Partial<AttestedNode> = {}): AttestedNode {
  return {
    id: `spiffe://example.org/spire/agent/${randomUUID()}`,
    attestationType: "join_token",
    serialNumber: "101",
    expiresAt: nowSeconds + 3600,
    newSerialNumber: "",
    newExpiresAt: 0,
    canReattest: false,
    agentVersion: "",
    selectors: [],
    ...fields,
  };
}

/** A bundle with one authority of each kind; the bytes are no real keys, which is nothing to a store. */
export function newBundle(trustDomain: string, fields: Partial<StoredBundle> = {}): StoredBundle {
  return {
    trustDomain,
    x509Authorities: [{ der: Uint8Array.of(0x30, 0, trustDomain.length), tainted: false }],
    jwtAuthorities: [{ keyId: "k1", publicKey: Uint8Array.of(0x30, 1, 255), expiresAt: nowSeconds, tainted: false }],
    refreshHint: 60,
    sequenceNumber: 7n,
    ...fields,
  };
}
