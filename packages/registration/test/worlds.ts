// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import type { AttestedNode, RegistrationEntry, Selector } from "../src/index.ts";

export const td = "spiffe://example.org";
export const server: string = `${td}/spire/server`;

/** An entry with ordinary values where none are given. */
export function entry(fields: Partial<RegistrationEntry> & { id: string }): RegistrationEntry {
  return {
    spiffeId: `${td}/${fields.id}`,
    parentId: `${td}/spire/agent/a`,
    selectors: [{ type: "unix", value: "uid:1000" }],
    x509SvidTtl: 0,
    jwtSvidTtl: 0,
    federatesWith: [],
    admin: false,
    downstream: false,
    expiresAt: 0,
    dnsNames: [],
    revisionNumber: 0,
    storeSvid: false,
    hint: "",
    createdAt: 1_790_000_000,
    ...fields,
  };
}

/** A node with ordinary values where none are given. */
export function node(fields: Partial<AttestedNode> & { id: string }): AttestedNode {
  return {
    attestationType: "x509pop",
    serialNumber: "17",
    expiresAt: 1_800_000_000,
    newSerialNumber: "",
    newExpiresAt: 0,
    canReattest: true,
    agentVersion: "1.0.0",
    selectors: [],
    ...fields,
  };
}

// Few ids and selectors, so that cycles, shared parents and matching aliases are common.
const ids = ["/spire/agent/a", "/spire/agent/b", "/spire/agent/c", "/w/1", "/w/2", "/w/3", "/w/4", "/W/1"].map(
  (path) => td + path,
);
const selector: fc.Arbitrary<Selector> = fc.record({
  type: fc.constantFrom("x", "y"),
  value: fc.constantFrom("1", "2", "1:2"),
});
const selectors = fc.array(selector, { minLength: 1, maxLength: 3 });

export const anyEntry: fc.Arbitrary<RegistrationEntry> = fc
  .record({
    id: fc.constantFrom("e0", "e1", "e2", "e3", "e4", "e5", "e6", "e7", "e8", "e9"),
    spiffeId: fc.constantFrom(...ids),
    parentId: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...ids) },
      { weight: 1, arbitrary: fc.constant(server) },
    ),
    selectors,
    hint: fc.constantFrom("", "", "h1", "h2"),
    createdAt: fc.constantFrom(1, 2, 3),
    expiresAt: fc.constantFrom(0, 0, 500, 1500),
    storeSvid: fc.boolean(),
  })
  .map(entry);

export const anyNode: fc.Arbitrary<AttestedNode> = fc
  .record({ id: fc.constantFrom(...ids.slice(0, 3)), selectors: fc.array(selector, { maxLength: 4 }) })
  .map(node);

export const anySelectors: fc.Arbitrary<readonly Selector[]> = fc.array(selector, { maxLength: 5 });

/** One change of a world: an entry written, or an id deleted. */
export type Change = { readonly write: RegistrationEntry } | { readonly remove: string };
export const anyChange: fc.Arbitrary<Change> = fc.oneof(
  { weight: 3, arbitrary: anyEntry.map((write) => ({ write })) },
  { weight: 1, arbitrary: anyEntry.map(({ id }) => ({ remove: id })) },
);
