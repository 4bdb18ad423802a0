// SPDX-License-Identifier: Apache-2.0
import { BundleSet, PeerVerifier, Revocations, SpiffeError, TrustDomain, verifyPeer, X509Bundle } from "@mayfly/spiffe";
import { Certificate } from "@mayfly/x509";
import { array, assert, boolean, constantFrom, integer, property, record } from "fast-check";
import { expect, it } from "vitest";
import { TestCa, type TestIdentity } from "../src/index.ts";

const now = new Date("2026-03-01T12:00:00.500Z");
const td = TrustDomain.parse("example.org");
const ca = TestCa.create({ now });
const other = TestCa.create({ now });
const below = ca.intermediate();
const foreign = TestCa.create({ now, trustDomain: "other.test" });

function defects(of: TestCa): TestIdentity[] {
  return [
    of.leafWithoutUri(),
    of.leafWithTwoUris(),
    of.leafWithBadSpiffeId(),
    of.leafWithoutPath(),
    of.leafThatIsCa(),
    of.leafWithKeyCertSign(),
    of.leafWithCrlSign(),
    of.leafWithoutDigitalSignature(),
    of.leafWithoutKeyUsage(),
    of.leafWithUncriticalKeyUsage(),
    of.leafWithUnknownCriticalExtension(),
    of.leafForCodeSigning(),
    of.leafWithRsa1024Key(),
    of.expiredLeaf(),
    of.notYetValidLeaf(),
    of.leafSignedWithSha1(),
    of.leafSignedByStranger(),
    of.leafWithBrokenSignature(),
    of.leafWithOtherKey(),
    of.leafBelowLeaf(),
    of.leafBelowCaWithoutKeyCertSign(),
    of.leafBelowExpiredCa(),
    of.leafBelowPathLengthZero(),
    of.leafOutsideNameConstraints(),
    of.leafWithoutItsIntermediate(),
  ];
}

const good = [ca, below, below.intermediate(), other, foreign].flatMap((of) => [of.issue("/a"), of.issue("/b")]);
const chains = [...good, ...good, ...defects(ca), ...defects(below)].map(({ chain }) => chain);
const bundleOf = (name: TrustDomain, ...cas: readonly TestCa[]): X509Bundle =>
  new X509Bundle(
    name,
    cas.map(({ certificate }) => Certificate.parse(certificate)),
  );
const otherTest = TrustDomain.parse("other.test");
const bundleSets = [
  BundleSet.of(bundleOf(td, ca), bundleOf(otherTest, foreign)),
  BundleSet.of(bundleOf(td, ca, other), bundleOf(otherTest, ca)),
  BundleSet.of(bundleOf(td, below)),
  BundleSet.of(bundleOf(td), bundleOf(otherTest, foreign)),
  BundleSet.of<X509Bundle>(),
];
const lists = [
  ca.revocationList([...good, below.certificate]),
  ca.revocationList([good[0] ?? new Uint8Array()]),
  below.revocationList(good),
  below.revocationList(good, { signer: other.keys.privateKey }),
  foreign.revocationList(good, { nextUpdate: new Date(now.getTime() - 30_000) }),
  ca.revocationList(good, { isUnsupported: true }),
];
const revocations = [undefined, Revocations.of([]), ...lists.map((list) => Revocations.of([list]))];

function verdict(verify: () => { readonly id: { toString(): string } }): string {
  try {
    return verify().id.toString();
  } catch (error) {
    if (error instanceof SpiffeError) return error.code;
    throw error;
  }
}

const step = record({
  chain: constantFrom(...chains),
  seconds: constantFrom(-90_000, -86_401, -60, -30, -1, 0, 1, 59, 60, 3_599, 3_600, 3_601, 86_400, 90_000),
  ms: integer({ min: -500, max: 500 }),
  bundles: constantFrom(...bundleSets),
  revocations: constantFrom(...revocations),
  stays: boolean(),
});

it("PeerVerifier decides as verifyPeer for chains with every defect, at any time, while bundles and revocations change", () => {
  const seen = new Set<string>();
  assert(
    property(array(step, { minLength: 1, maxLength: 25 }), (steps) => {
      let current: Pick<(typeof steps)[number], "bundles" | "revocations"> = {
        bundles: BundleSet.of<X509Bundle>(),
        revocations: undefined,
      };
      const verifier = new PeerVerifier({
        bundles: { get: (trustDomain) => current.bundles.get(trustDomain) },
        revocations: () => current.revocations,
        role: "client",
      });
      for (const [index, each] of steps.entries()) {
        if (index === 0 || !each.stays) current = each;
        const at = new Date(now.getTime() + each.seconds * 1_000 + each.ms);
        const options = { now: at, role: "client", revocations: current.revocations } as const;
        const expected = verdict(() => verifyPeer(each.chain, current.bundles, options));
        expect(verdict(() => verifier.verify(each.chain, at))).toBe(expected);
        expect(verdict(() => verifier.verify(each.chain, at))).toBe(expected);
        seen.add(expected);
      }
    }),
    { numRuns: 150 },
  );
  for (const expected of ["spiffe://example.org/a", "spiffe://other.test/b", "REVOKED", "EXPIRED", "NOT_YET_VALID"])
    expect(seen).toContain(expected);
  for (const expected of ["UNTRUSTED", "NO_BUNDLE", "PATH_LEN", "SIGNER_NOT_CA", "LEAF_IS_CA", "WEAK_SIGNATURE"])
    expect(seen).toContain(expected);
});
