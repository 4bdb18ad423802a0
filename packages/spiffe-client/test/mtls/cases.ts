// SPDX-License-Identifier: Apache-2.0
import type { TestCa, TestIdentity } from "@mayfly/testkit";

/** Both authorities that the victim trusts, each for its own trust domain. */
export interface Cas {
  readonly own: TestCa;
  readonly federated: TestCa;
  readonly stranger: TestCa;
}

/** What a rogue peer shows, and the code of the refusal. OpenSSL may see some of them first: those codes are in brackets. */
export interface AttackCase {
  readonly id: string;
  readonly what: string;
  readonly code: string;
  show(cas: Cas): TestIdentity | undefined;
}

const leaf = "spiffe://example.org/workload";

/** MTL cases that one certificate is enough for. */
export const attackCases: readonly AttackCase[] = [
  attack("MTL-D01", "our ID, signed by a federated CA", "UNTRUSTED", ({ federated }) =>
    federated.leafWithBadSpiffeId(leaf),
  ),
  attack("MTL-D01", "a trust domain that is not federated", "NO_BUNDLE", ({ stranger }) => stranger.issue("/workload")),
  attack("MTL-D02", "two SPIFFE IDs", "MULTIPLE_URI_SAN", ({ own }) => own.leafWithTwoUris()),
  attack("MTL-D03", "no URI, a DNS name only", "NO_URI_SAN", ({ own }) => own.leafWithoutUri()),
  attack("MTL-D04", "a leaf that is a CA", "LEAF_IS_CA", ({ own }) => own.leafThatIsCa()),
  attack("MTL-D04", "a leaf with keyCertSign", "LEAF_KEY_CERT_SIGN", ({ own }) => own.leafWithKeyCertSign()),
  attack("MTL-D04", "a leaf with cRLSign", "LEAF_CRL_SIGN", ({ own }) => own.leafWithCrlSign()),
  attack("MTL-D04", "no key usage", "LEAF_NO_DIGITAL_SIGNATURE", ({ own }) => own.leafWithoutKeyUsage()),
  attack("MTL-D04", "key usage that is not critical", "LEAF_NO_DIGITAL_SIGNATURE", ({ own }) =>
    own.leafWithUncriticalKeyUsage(),
  ),
  attack("MTL-D05", "a leaf as issuer", "SIGNER_NOT_CA", ({ own }) => own.leafBelowLeaf()),
  attack("MTL-D05", "an issuer without keyCertSign", "SIGNER_NO_KEY_CERT_SIGN", ({ own }) =>
    own.leafBelowCaWithoutKeyCertSign(),
  ),
  attack("MTL-D06", "a path longer than allowed", "PATH_LEN", ({ own }) => own.leafBelowPathLengthZero()),
  attack("MTL-D07", "an expired leaf", "EXPIRED", ({ own }) => own.expiredLeaf()),
  attack("MTL-D07", "a leaf of tomorrow", "NOT_YET_VALID", ({ own }) => own.notYetValidLeaf()),
  attack("MTL-D07", "an expired CA in the path", "EXPIRED", ({ own }) => own.leafBelowExpiredCa()),
  attack("MTL-D08", "a leaf for code signing", "WRONG_EKU", ({ own }) => own.leafForCodeSigning()),
  attack("MTL-D09", "an ID without a path", "ROOT_PATH", ({ own }) => own.leafWithoutPath()),
  attack("MTL-D10", "a NUL in the URI", "BAD_SPIFFE_ID", ({ own }) => own.leafWithBadSpiffeId(`${leaf}\0.evil.test`)),
  attack("MTL-D10", "two URIs in the text of one", "BAD_SPIFFE_ID", ({ own }) =>
    own.leafWithBadSpiffeId(`${leaf}, URI:spiffe://example.org/admin`),
  ),
  attack("MTL-D10", "0xFF in the URI", "MALFORMED", ({ own }) => own.leafWithBadSpiffeId(`${leaf}\u00ff`)),
  attack("MTL-D10", "a URI of another scheme", "BAD_SPIFFE_ID", ({ own }) =>
    own.leafWithBadSpiffeId("https://example.org/workload"),
  ),
  attack("MTL-D13", "a name outside the constraints", "NAME_CONSTRAINT", ({ own }) => own.leafOutsideNameConstraints()),
  attack("MTL-D13", "an unknown critical extension", "UNKNOWN_CRITICAL", ({ own }) =>
    own.leafWithUnknownCriticalExtension(),
  ),
  attack("MTL-D14", "/ns/foobar where /ns/foo/** is allowed", "NOT_AUTHORIZED", ({ own }) => own.issue("/ns/foobar")),
  attack("MTL-D16", "a broken signature", "UNTRUSTED", ({ own }) => own.leafWithBrokenSignature()),
  attack("MTL-D16", "the CA's name without its key", "UNTRUSTED", ({ own }) => own.leafSignedByStranger()),
  attack("MTL-D16", "no intermediate", "UNTRUSTED", ({ own }) => own.leafWithoutItsIntermediate()),
];

/** Those that OpenSSL may refuse before we are asked: the code is ours or the library's. */
export const weakCases: readonly AttackCase[] = [
  attack("MTL-D04", "no digitalSignature", "LEAF_NO_DIGITAL_SIGNATURE", ({ own }) => own.leafWithoutDigitalSignature()),
  attack("MTL-D16", "a SHA-1 signature", "WEAK_SIGNATURE", ({ own }) => own.leafSignedWithSha1()),
  attack("MTL-D16", "an RSA key of 1024 bits", "WEAK_KEY", ({ own }) => own.leafWithRsa1024Key()),
];

function attack(id: string, what: string, code: string, show: AttackCase["show"]): AttackCase {
  return { id, what, code, show };
}
