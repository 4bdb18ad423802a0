// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { TestCa, type TestIdentity } from "@mayfly/testkit";

/** A chain to begin with: mostly good, some with one defect. */
export interface BaseChain {
  readonly chain: readonly Uint8Array[];
  /** Of each certificate's issuer, where it is known. */
  readonly signers: readonly (KeyObject | undefined)[];
  readonly root: Uint8Array;
  readonly rootKey: KeyObject;
}

/** The trust domain of the chains, and one more that has a bundle as well. */
export const [ownDomain, otherDomain] = ["example.org", "other.test"] as const;

const defects: readonly ((ca: TestCa) => TestIdentity)[] = [
  (ca) => ca.leafWithoutUri(),
  (ca) => ca.leafWithTwoUris(),
  (ca) => ca.leafWithBadSpiffeId(),
  (ca) => ca.leafWithoutPath(),
  (ca) => ca.leafThatIsCa(),
  (ca) => ca.leafWithKeyCertSign(),
  (ca) => ca.leafWithCrlSign(),
  (ca) => ca.leafWithoutDigitalSignature(),
  (ca) => ca.leafWithoutKeyUsage(),
  (ca) => ca.leafWithUncriticalKeyUsage(),
  (ca) => ca.leafWithUnknownCriticalExtension(),
  (ca) => ca.leafForCodeSigning(),
  (ca) => ca.leafWithRsa1024Key(),
  (ca) => ca.expiredLeaf(),
  (ca) => ca.notYetValidLeaf(),
  (ca) => ca.leafSignedWithSha1(),
  (ca) => ca.leafSignedByStranger(),
  (ca) => ca.leafWithBrokenSignature(),
  (ca) => ca.leafBelowLeaf(),
  (ca) => ca.leafBelowCaWithoutKeyCertSign(),
  (ca) => ca.leafBelowExpiredCa(),
  (ca) => ca.leafBelowPathLengthZero(),
  (ca) => ca.leafOutsideNameConstraints(),
  (ca) => ca.leafWithoutItsIntermediate(),
];

const otherKeys = (): { readonly publicKey: KeyObject; readonly privateKey: KeyObject }[] => [
  generateKeyPairSync("ec", { namedCurve: "P-384" }),
  generateKeyPairSync("ec", { namedCurve: "P-521" }),
  generateKeyPairSync("ec", { namedCurve: "P-224" }),
  generateKeyPairSync("ec", { namedCurve: "secp256k1" }),
  generateKeyPairSync("ed25519"),
  generateKeyPairSync("rsa", { modulusLength: 2048 }),
];

/** Chains below CAs at three depths, with every defect that TestCa knows and with keys of other kinds. */
export function chainBases(now: Date): BaseChain[] {
  return [ownDomain, ownDomain, otherDomain].flatMap((trustDomain) => {
    const root = TestCa.create({ trustDomain, now });
    const first = root.intermediate();
    const second = first.intermediate();
    const below = [[root], [first, root], [second, first, root]];
    return below.flatMap((cas) => basesOf(cas, root));
  });
}

function basesOf(cas: readonly TestCa[], root: TestCa): BaseChain[] {
  const [ca] = cas;
  if (ca === undefined) return [];
  const good = [
    ...Array.from({ length: 24 }, (_, index) => ca.issue(`/workload/${index}`)),
    ...otherKeys().map((keys) => ca.issue("/workload", { keys })),
  ];
  const keys = cas.map((one) => one.keys.privateKey);
  return [...good, ...defects.map((defect) => defect(ca))].map(({ chain }) => ({
    chain,
    // A defect may bring CAs of its own, whose keys nobody has.
    signers: chain.length === keys.length ? keys : [],
    root: root.certificate,
    rootKey: root.keys.privateKey,
  }));
}
