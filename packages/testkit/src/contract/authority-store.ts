// SPDX-License-Identifier: Apache-2.0
import type { AuthorityKind, AuthorityRecord } from "@mayfly/ca";
import { describe, expect, it } from "vitest";
import { now, nowSeconds } from "./samples.ts";
import { contractTrustDomain, type OpenStores } from "./stores.ts";

const bytes = (...octets: number[]): Uint8Array => Uint8Array.from(octets);

function record(kind: AuthorityKind, id: string, fields: Partial<AuthorityRecord> = {}): AuthorityRecord {
  return {
    kind,
    id,
    slot: "active",
    keyRef: `key-${id}`,
    publicKey: bytes(0x30, 1, 2),
    ...(kind === "x509" && { certificate: bytes(0x30, 3, 4) }),
    notBefore: new Date(now.getTime() - 30_000),
    notAfter: new Date(now.getTime() + 86_400_001),
    tainted: false,
    revoked: false,
    ...fields,
  };
}

/** What every AuthorityStore does: slots and the own bundle change together, by compare-and-set. */
export function authorityStoreContract(open: OpenStores): void {
  describe("authority store", () => {
    it("starts empty, and keeps kinds apart", async () => {
      await using stores = await open();
      expect(await stores.authorities.list("jwt")).toMatchObject({ records: [] });
      const { version } = await stores.authorities.list("x509");
      const records = [record("x509", "a", { slot: "old", tainted: true }), record("x509", "b")];
      expect(await stores.authorities.commit({ kind: "x509", version, records, edits: [] })).toBe(true);
      expect((await stores.authorities.list("x509")).records).toEqual(records);
      expect((await stores.authorities.list("jwt")).records).toEqual([]);
    });

    it("lets exactly one of many commits of one version through", async () => {
      await using stores = await open();
      const { version } = await stores.authorities.list("jwt");
      const commits = Array.from({ length: 30 }, (_, n) => {
        const edits = [{ op: "add-jwt", keyId: `k-${n}`, publicKey: bytes(n), expiresAt: now } as const];
        return stores.authorities.commit({ kind: "jwt", version, records: [record("jwt", `k-${n}`)], edits });
      });
      expect((await Promise.all(commits)).filter(Boolean)).toHaveLength(1);
      const [winner] = (await stores.authorities.list("jwt")).records;
      const bundle = await stores.bundles.get(contractTrustDomain);
      expect(bundle?.jwtAuthorities.map(({ keyId }) => keyId)).toEqual([winner?.id]);
    });

    it("edits the own bundle, whose sequence number starts at 0 and goes up by one with each commit that edits", async () => {
      await using stores = await open();
      const commit = async (kind: AuthorityKind, edits: Parameters<typeof stores.authorities.commit>[0]["edits"]) => {
        const { version, records } = await stores.authorities.list(kind);
        expect(await stores.authorities.commit({ kind, version, records, edits })).toBe(true);
        return stores.bundles.get(contractTrustDomain);
      };
      const [one, two] = [bytes(0x30, 1), bytes(0x30, 2)];
      expect(await commit("x509", [{ op: "add-x509", certificate: one }])).toEqual({
        trustDomain: contractTrustDomain,
        x509Authorities: [{ der: one, tainted: false }],
        jwtAuthorities: [],
        refreshHint: 0,
        sequenceNumber: 0n,
      });
      const expiresAt = new Date(now.getTime() + 999);
      const withKey = await commit("jwt", [{ op: "add-jwt", keyId: "k", publicKey: two, expiresAt }]);
      const key = { keyId: "k", publicKey: two, expiresAt: nowSeconds, tainted: false };
      expect(withKey).toMatchObject({ jwtAuthorities: [key], sequenceNumber: 1n });
      expect(await commit("jwt", [])).toMatchObject({ sequenceNumber: 1n });
      const tainted = await commit("x509", [
        { op: "taint-x509", certificate: one },
        { op: "add-x509", certificate: two },
        { op: "add-x509", certificate: two },
        { op: "taint-jwt", keyId: "k" },
      ]);
      expect(tainted).toMatchObject({
        x509Authorities: [
          { der: one, tainted: true },
          { der: two, tainted: false },
        ],
        jwtAuthorities: [{ ...key, tainted: true }],
        sequenceNumber: 2n,
      });
      const removed = await commit("x509", [
        { op: "remove-x509", certificate: one },
        { op: "remove-jwt", keyId: "k" },
      ]);
      expect(removed).toMatchObject({ x509Authorities: [{ der: two }], jwtAuthorities: [], sequenceNumber: 3n });
    });
  });
}
