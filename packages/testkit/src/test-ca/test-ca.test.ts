// SPDX-License-Identifier: Apache-2.0
import { X509Certificate } from "node:crypto";
import { BundleSet, TrustDomain, verifyPeer, X509Bundle, X509SvidError } from "@mayfly/spiffe";
import { Certificate, RevocationList, X509Error } from "@mayfly/x509";
import { describe, expect, it } from "vitest";
import { TestCa, type TestIdentity } from "./test-ca.ts";

const now = new Date("2026-03-01T12:00:00.500Z");

function bundleOf(ca: TestCa): BundleSet<X509Bundle> {
  const bundle = new X509Bundle(TrustDomain.parse(ca.trustDomain), [Certificate.parse(ca.certificate)]);
  return BundleSet.of(bundle);
}

function codeOf(make: (ca: TestCa) => TestIdentity): string {
  const ca = TestCa.create({ now });
  try {
    return verifyPeer(make(ca).chain, bundleOf(ca), { now }).id.toString();
  } catch (error) {
    if (error instanceof X509SvidError) return error.code;
    throw error;
  }
}

describe("TestCa", () => {
  it("issues what verifies, directly and through intermediates", () => {
    expect(codeOf((ca) => ca.issue("/a"))).toBe("spiffe://example.org/a");
    expect(codeOf((ca) => ca.issue("/a", { dnsNames: ["a.example.org"] }))).toBe("spiffe://example.org/a");
    expect(codeOf((ca) => ca.intermediate().intermediate().issue("/a"))).toBe("spiffe://example.org/a");
  });

  it("writes what another parser reads, with the key that it hands out", () => {
    const ca = TestCa.create({ trustDomain: "other.test", now });
    const { chain, privateKey } = ca.intermediate().issue("/a");
    const [leaf, intermediate] = chain.map((der) => new X509Certificate(der));
    const root = new X509Certificate(ca.certificate);
    expect(leaf?.subjectAltName).toBe("URI:spiffe://other.test/a");
    expect(leaf?.checkPrivateKey(privateKey)).toBe(true);
    expect(intermediate !== undefined && leaf?.checkIssued(intermediate) && leaf.verify(intermediate.publicKey)).toBe(
      true,
    );
    expect(intermediate?.checkIssued(root) && intermediate.verify(root.publicKey)).toBe(true);
  });

  it.each<[string, (ca: TestCa) => TestIdentity]>([
    ["NO_URI_SAN", (ca) => ca.leafWithoutUri()],
    ["MULTIPLE_URI_SAN", (ca) => ca.leafWithTwoUris()],
    ["BAD_SPIFFE_ID", (ca) => ca.leafWithBadSpiffeId()],
    ["BAD_SPIFFE_ID", (ca) => ca.leafWithBadSpiffeId("https://example.org/a")],
    ["ROOT_PATH", (ca) => ca.leafWithoutPath()],
    ["LEAF_IS_CA", (ca) => ca.leafThatIsCa()],
    ["LEAF_KEY_CERT_SIGN", (ca) => ca.leafWithKeyCertSign()],
    ["LEAF_CRL_SIGN", (ca) => ca.leafWithCrlSign()],
    ["LEAF_NO_DIGITAL_SIGNATURE", (ca) => ca.leafWithoutDigitalSignature()],
    ["LEAF_NO_DIGITAL_SIGNATURE", (ca) => ca.leafWithoutKeyUsage()],
    ["LEAF_NO_DIGITAL_SIGNATURE", (ca) => ca.leafWithUncriticalKeyUsage()],
    ["UNKNOWN_CRITICAL", (ca) => ca.leafWithUnknownCriticalExtension()],
    ["WRONG_EKU", (ca) => ca.leafForCodeSigning()],
    ["WEAK_KEY", (ca) => ca.leafWithRsa1024Key()],
    ["EXPIRED", (ca) => ca.expiredLeaf()],
    ["NOT_YET_VALID", (ca) => ca.notYetValidLeaf()],
    ["WEAK_SIGNATURE", (ca) => ca.leafSignedWithSha1()],
    ["UNTRUSTED", (ca) => ca.leafSignedByStranger()],
    ["UNTRUSTED", (ca) => ca.leafWithBrokenSignature()],
    ["SIGNER_NOT_CA", (ca) => ca.leafBelowLeaf()],
    ["SIGNER_NO_KEY_CERT_SIGN", (ca) => ca.leafBelowCaWithoutKeyCertSign()],
    ["EXPIRED", (ca) => ca.leafBelowExpiredCa()],
    ["PATH_LEN", (ca) => ca.leafBelowPathLengthZero()],
    ["NAME_CONSTRAINT", (ca) => ca.leafOutsideNameConstraints()],
    ["UNTRUSTED", (ca) => ca.leafWithoutItsIntermediate()],
    ["UNTRUSTED", () => TestCa.create({ now }).issue("/a")],
    ["NO_BUNDLE", () => TestCa.create({ now, trustDomain: "other.test" }).issue("/a")],
  ])("makes a defect that is refused with %s: %s", (code, make) => {
    expect(codeOf(make)).toBe(code);
  });

  it("hands out a key that is not the leaf's only where it says so", () => {
    const ca = TestCa.create({ now });
    const { chain, privateKey } = ca.leafWithOtherKey();
    const [leaf] = chain.map((der) => new X509Certificate(der));
    expect(leaf?.checkPrivateKey(privateKey)).toBe(false);
  });

  it("writes lists that revoke what it is told, and no more", () => {
    const ca = TestCa.create({ now });
    const [bad, good, below] = [ca.issue("/a"), ca.issue("/a"), ca.intermediate()];
    const list = RevocationList.parse(ca.revocationList([bad, below.certificate], { number: 300 }));
    const isRevoked = (der: Uint8Array = new Uint8Array()): boolean => list.isRevoked(Certificate.parse(der));
    expect([isRevoked(bad.chain[0]), isRevoked(good.chain[0]), isRevoked(below.certificate)]).toEqual([
      true,
      false,
      true,
    ]);
    expect(isRevoked(TestCa.create({ now }).issue("/a").chain[0])).toBe(false);
    expect(list.number).toBe(300n);
    expect(RevocationList.parse(ca.revocationList([])).revokedCount).toBe(0);
  });

  it("writes lists that are not to be used, in the way that it is told", () => {
    const ca = TestCa.create({ now });
    const code = (list: Uint8Array, issuer: TestCa): string => {
      try {
        RevocationList.parse(list).assertSignedBy(Certificate.parse(issuer.certificate));
        return "ok";
      } catch (error) {
        if (error instanceof X509Error) return error.code;
        throw error;
      }
    };
    const other = ca.intermediateWithoutCrlSign();
    expect(code(ca.revocationList([]), ca)).toBe("ok");
    expect(code(ca.revocationList([], { signer: other.keys.privateKey }), ca)).toBe("UNTRUSTED");
    expect(code(ca.revocationList([], { isUnsupported: true }), ca)).toBe("UNKNOWN_CRITICAL");
    expect(code(other.revocationList([]), other)).toBe("SIGNER_NO_CRL_SIGN");
    const past = new Date(now.getTime() - 1000);
    expect(RevocationList.parse(ca.revocationList([], { nextUpdate: past })).nextUpdate).toEqual(
      new Date("2026-03-01T11:59:59Z"),
    );
  });
});
