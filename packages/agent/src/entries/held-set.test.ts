// SPDX-License-Identifier: Apache-2.0
import { matchEntries, type RegistrationEntry, type Selector, setDigest } from "@mayfly/registration";
import { TrustDomain } from "@mayfly/spiffe";
import { silentLogger } from "@mayfly/telemetry";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Delta, HeldSet } from "./held-set.ts";

const now = new Date("2027-01-01T00:00:00Z");
const seconds = now.getTime() / 1000;

const selectors: fc.Arbitrary<readonly Selector[]> = fc.uniqueArray(
  fc.record({ type: fc.constantFrom("unix", "k8s"), value: fc.constantFrom("uid:0", "uid:1", "gid:0", "path:/a:b") }),
  { maxLength: 6, selector: ({ type, value }) => `${type}:${value}` },
);

const entries: fc.Arbitrary<RegistrationEntry> = fc
  .record({
    id: fc.constantFrom("a", "b", "c", "d", "e"),
    demanded: selectors.filter((list) => list.length > 0),
    hint: fc.constantFrom("", "h"),
    expiresAt: fc.constantFrom(0, seconds - 1, seconds, seconds + 1),
    createdAt: fc.integer({ min: 0, max: 3 }),
    storeSvid: fc.boolean(),
  })
  .map(({ demanded, ...rest }) => ({
    ...rest,
    selectors: demanded,
    spiffeId: `spiffe://example.org/${rest.id}`,
    parentId: "spiffe://example.org/spire/agent/x",
    x509SvidTtl: 0,
    jwtSvidTtl: 0,
    federatesWith: [],
    admin: false,
    downstream: false,
    dnsNames: [],
    revisionNumber: 0,
  }));

const deltas: fc.Arbitrary<Delta> = fc
  .record({
    upserts: fc.uniqueArray(entries, { selector: ({ id }) => id, maxLength: 4 }),
    removedEntries: fc.uniqueArray(fc.constantFrom("a", "b", "c", "z"), { maxLength: 3 }),
    version: fc.nat(),
  })
  .map(({ upserts, removedEntries, version }) => ({
    revision: BigInt(version),
    entries: upserts.map((value) => ({ id: value.id, version: String(version), value })),
    removedEntries,
    bundles: [],
    removedBundles: [],
  }));

function apply(all: readonly Delta[]): {
  held: HeldSet;
  naive: Map<string, { version: string; value: RegistrationEntry }>;
} {
  const held = new HeldSet(TrustDomain.parse("example.org"), silentLogger);
  const naive = new Map<string, { version: string; value: RegistrationEntry }>();
  for (const delta of all) {
    held.apply(delta);
    for (const id of delta.removedEntries) naive.delete(id);
    for (const { id, version, value } of delta.entries) if (value !== undefined) naive.set(id, { version, value });
  }
  return { held, naive };
}

function kindsOf(held: HeldSet): Set<string> {
  const all = [...held.entries].flatMap(({ selectors: demanded }) => demanded);
  return new Set(all.map(({ type, value }) => `${type}:${value.split(":")[0]}`));
}

describe("the held set", () => {
  it("matches as the naive definition does, whatever came and went", () => {
    fc.assert(
      fc.property(fc.array(deltas, { maxLength: 8 }), selectors, (all, attested) => {
        const { held, naive } = apply(all);
        const expected = matchEntries(
          [...naive.values()].map(({ value }) => value),
          attested,
          { now },
        );
        expect(held.match(attested, now)).toEqual(expected);
        expect(held.size).toBe(naive.size);
      }),
    );
  });

  it("has the digest of what it holds", () => {
    fc.assert(
      fc.property(fc.array(deltas, { maxLength: 8 }), (all) => {
        const { held, naive } = apply(all);
        const versions = new Map([...naive].map(([id, { version }]) => [id, version]));
        expect(setDigest(held.entryVersions)).toEqual(setDigest(versions));
      }),
    );
  });

  it("names the kinds of selectors that somebody asks for, and the next end", () => {
    fc.assert(
      fc.property(fc.array(deltas, { maxLength: 8 }), (all) => {
        const { held, naive } = apply(all);
        const values = [...naive.values()].map(({ value }) => value);
        expect(held.selectorKinds).toEqual(kindsOf(held));
        const ends = values.map(({ expiresAt }) => expiresAt).filter((end) => end > seconds);
        expect(held.nextExpiry(seconds)).toBe(ends.length === 0 ? undefined : Math.min(...ends));
      }),
    );
  });

  it("names the kinds by the same object as long as they are the same", () => {
    fc.assert(
      fc.property(fc.array(deltas, { maxLength: 8 }), (all) => {
        const { held } = apply([]);
        for (const delta of all) {
          const before = held.selectorKinds;
          const content = [...before].toSorted();
          held.apply(delta);
          // Whoever compares objects may look again in vain, but never misses a change.
          if (held.selectorKinds === before) expect([...kindsOf(held)].toSorted()).toEqual(content);
        }
        const kinds = held.selectorKinds;
        held.apply({ revision: 9n, entries: [], removedEntries: ["none"], bundles: [], removedBundles: [] });
        expect(held.selectorKinds).toBe(kinds);
      }),
    );
  });

  it("holds an entry that it can't use by its version only, and nothing after the node lost its place", () => {
    const { held } = apply([]);
    const bad = { id: "bad", version: "1", value: undefined };
    held.apply({ revision: 7n, entries: [bad], removedEntries: [], bundles: [], removedBundles: [] });
    expect([...held.entryVersions]).toEqual([["bad", "1"]]);
    expect(held.size).toBe(0);
    held.clearEntries();
    expect(held.entryVersions.size).toBe(0);
    expect(held.revision).toBe(0n);
  });
});
