// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import { oid, sequence, tlv, unsignedInteger } from "../../src/der-writer.ts";
import { OID } from "../../src/oid.ts";
import { assertAcceptableKey, importPublicKey } from "../../src/public-key.ts";
import { isSignatureValid, type AlgorithmIdentifier } from "../../src/signature.ts";
import { describeVectors } from "./describe-vectors.ts";

interface Group {
  /** SubjectPublicKeyInfo, hex. */
  readonly publicKeyDer: string;
  readonly sha?: string;
  readonly mgfSha?: string;
  readonly sLen?: number;
  /** Message and signature: hex. */
  readonly tests: readonly {
    readonly tcId: number;
    readonly comment: string;
    readonly msg: string;
    readonly sig: string;
    readonly result: "valid" | "invalid" | "acceptable";
  }[];
}

interface Data {
  readonly testGroups: readonly Group[];
  readonly numberOfTests: number;
}

type Algorithm = (group: Group) => AlgorithmIdentifier;

const names: Readonly<Record<string, { readonly hash: string; readonly ecdsa: string; readonly rsa: string }>> = {
  "SHA-256": { hash: OID.sha256, ecdsa: OID.ecdsaWithSha256, rsa: OID.sha256WithRsa },
  "SHA-384": { hash: OID.sha384, ecdsa: OID.ecdsaWithSha384, rsa: OID.sha384WithRsa },
  "SHA-512": { hash: OID.sha512, ecdsa: OID.ecdsaWithSha512, rsa: OID.sha512WithRsa },
};
const nameOf = (sha: string | undefined): { hash: string; ecdsa: string; rsa: string } => {
  const found = names[sha ?? ""];
  if (found === undefined) throw new TypeError(`no name for ${String(sha)}`);
  return found;
};

const ecdsa: Algorithm = ({ sha }) => ({ oid: nameOf(sha).ecdsa, parameters: undefined });
const rsa: Algorithm = ({ sha }) => ({ oid: nameOf(sha).rsa, parameters: Uint8Array.of(5, 0) });
const ed25519: Algorithm = () => ({ oid: OID.ed25519, parameters: undefined });
const pss: Algorithm = ({ sha, mgfSha, sLen }) => ({
  oid: OID.rsaPss,
  parameters: sequence(
    tlv(0xa0, sequence(oid(nameOf(sha).hash))),
    tlv(0xa1, sequence(oid(OID.mgf1), sequence(oid(nameOf(mgfSha).hash)))),
    tlv(0xa2, unsignedInteger(Uint8Array.of(sLen ?? 0))),
  ),
});

// Valid signatures that we refuse all the same: the salt must be as long as the hash (RFC 4055 §3.1).
const unsupported: ReadonlySet<string> = new Set(["rsa_pss_4096_sha512_mgf1_32"]);

const files: readonly (readonly [string, Algorithm])[] = [
  ["ecdsa_secp256r1_sha256", ecdsa],
  ["ecdsa_secp256r1_sha512", ecdsa],
  ["ecdsa_secp384r1_sha256", ecdsa],
  ["ecdsa_secp384r1_sha384", ecdsa],
  ["ecdsa_secp384r1_sha512", ecdsa],
  ["ecdsa_secp521r1_sha512", ecdsa],
  ["ed25519", ed25519],
  ["rsa_pss_2048_sha256_mgf1_32", pss],
  ["rsa_pss_2048_sha384_mgf1_48", pss],
  ["rsa_pss_3072_sha256_mgf1_32", pss],
  ["rsa_pss_4096_sha256_mgf1_32", pss],
  ["rsa_pss_4096_sha384_mgf1_48", pss],
  ["rsa_pss_4096_sha512_mgf1_32", pss],
  ["rsa_pss_4096_sha512_mgf1_64", pss],
  ...["2048", "3072", "4096"].flatMap((size) =>
    ["256", "384", "512"].map((hash) => [`rsa_signature_${size}_sha${hash}`, rsa] as const),
  ),
];

function judge(group: Group, algorithm: Algorithm): { tcId: string; result: string; isValid: boolean }[] {
  const spki = Buffer.from(group.publicKeyDer, "hex");
  assertAcceptableKey(spki, { ed25519: true });
  const key = importPublicKey(spki);
  return group.tests.map(({ tcId, comment, msg, sig, result }) => ({
    tcId: `${tcId} ${comment}`,
    result,
    isValid: isSignatureValid(
      { algorithm: algorithm(group), data: Buffer.from(msg, "hex"), signature: Buffer.from(sig, "hex") },
      key,
    ),
  }));
}

for (const [name, algorithm] of files) {
  describeVectors(`Wycheproof ${name}`, `wycheproof/${name}_test.json`, (json) => {
    const { testGroups, numberOfTests } = JSON.parse(json) as Data;
    const judged = testGroups.flatMap((group) => judge(group, algorithm));
    const [valid, invalid] = ["valid", "invalid"].map((result) => judged.filter((one) => one.result === result));
    const taken = (all: typeof judged = []): string[] => all.filter(({ isValid }) => isValid).map(({ tcId }) => tcId);

    it(`MTL-D16 takes none of ${invalid?.length} invalid signatures`, () => {
      expect(taken(invalid)).toEqual([]);
      expect(invalid?.length).toBeGreaterThan(0);
      expect(judged).toHaveLength(numberOfTests);
    });

    it(`takes ${taken(valid).length} of ${valid?.length} valid ones`, () => {
      expect(taken(valid)).toHaveLength(unsupported.has(name) ? 0 : (valid?.length ?? -1));
    });
  });
}
