// SPDX-License-Identifier: Apache-2.0
import { hash } from "node:crypto";
import type { Certificate } from "./certificate.ts";
import { X509Error } from "./errors.ts";
import type { LeafFields } from "./leaf-writer.ts";
import { lintExtensions } from "./lint-extensions.ts";
import { commonNameDer, emptyName } from "./name.ts";
import { OID } from "./oid.ts";
import { sameBytes } from "./path-rules.ts";
import { assertAcceptableKeyInfo, parsePublicKeyInfo, type PublicKeyInfo } from "./public-key.ts";

/** What a leaf is held against. */
export type ExpectedLeaf = LeafFields & { readonly issuer: Certificate };

/**
 * Everything in which a leaf differs from the profile and from what was asked for, a reason each; none = clean. To be called before a
 * certificate leaves its issuer: every field and every extension is looked at, and what is not in the profile is a reason, too. The
 * signature is not verified (`isSignedBy` does). Never throws.
 */
export function lintLeaf(certificate: Certificate, expected: ExpectedLeaf): string[] {
  const key = parsePublicKeyInfo(certificate.spki);
  const reasons: string[] = [];
  lintSerialNumber(certificate, expected, reasons);
  lintIssuer(certificate, expected.issuer, reasons);
  lintValidity(certificate, expected, reasons);
  lintSubject(certificate, expected, reasons);
  lintKey({ certificate, key }, expected, reasons);
  lintNames(certificate, expected, reasons);
  const profile = {
    hasEmptySubject: certificate.subjectDer.length === emptyName.length,
    isRsa: key.algorithm === OID.rsaEncryption,
    subjectKeyId: hash("sha1", key.bits, "buffer"),
    issuer: expected.issuer,
  };
  lintExtensions(certificate, profile, reasons);
  return reasons;
}

const leastSerialNumber = 1n << 64n;
const tooLargeSerialNumber = 1n << 159n;

function lintSerialNumber({ serialNumber }: Certificate, expected: ExpectedLeaf, reasons: string[]): void {
  const asked = BigInt(`0x0${Buffer.from(expected.serialNumber).toString("hex")}`);
  if (serialNumber !== asked) reasons.push("the serial number is not the one reserved");
  // RFC 5280 §4.1.2.2 caps at 20 octets; 64 random bits need more than 8.
  if (serialNumber < leastSerialNumber || serialNumber >= tooLargeSerialNumber) {
    reasons.push("the serial number has not 9 to 20 octets");
  }
}

/** Curves and key types that may make each signature. */
const signers: Readonly<Record<string, string>> = {
  [OID.ecdsaWithSha256]: OID.ecPublicKey,
  [OID.ecdsaWithSha384]: OID.ecPublicKey,
  [OID.sha256WithRsa]: OID.rsaEncryption,
};

function lintIssuer(certificate: Certificate, issuer: Certificate, reasons: string[]): void {
  if (!sameBytes(certificate.issuerDer, issuer.subjectDer)) reasons.push("the issuer is not the authority's subject");
  if (!issuer.isCa || issuer.keyUsage?.keyCertSign !== true) reasons.push("the authority may not sign certificates");
  const signer = signers[certificate.signatureAlgorithm];
  if (signer === undefined || signer !== keyAlgorithmOf(issuer)) {
    reasons.push("the signature algorithm is not one for the authority's key");
  }
  if (!certificate.hasStrongSignatureAlgorithm) reasons.push("the signature algorithm is weak or has odd parameters");
}

function lintValidity({ notBefore, notAfter }: Certificate, expected: ExpectedLeaf, reasons: string[]): void {
  if (notBefore.getTime() !== wholeSeconds(expected.notBefore)) reasons.push("notBefore is not the one asked for");
  if (notAfter.getTime() !== wholeSeconds(expected.notAfter)) reasons.push("notAfter is not the one asked for");
  if (notBefore.getTime() > notAfter.getTime()) reasons.push("the validity ends before it begins");
  if (notAfter.getTime() > expected.issuer.notAfter.getTime()) reasons.push("the validity ends after the authority's");
}

function lintSubject(
  { subjectDer, dnsNames }: Certificate,
  { subjectDer: asked }: ExpectedLeaf,
  reasons: string[],
): void {
  const [first] = dnsNames;
  const derived = first === undefined || first.length > 64 ? emptyName : commonNameDer(first);
  if (!sameBytes(subjectDer, asked ?? derived)) reasons.push("the subject is not the one that the profile gives");
}

const keyAlgorithms = new WeakMap<Certificate, string>();

/** Remembered: an issuer is looked at once for each of its leaves. */
function keyAlgorithmOf(issuer: Certificate): string {
  const algorithm = keyAlgorithms.get(issuer) ?? parsePublicKeyInfo(issuer.spki).algorithm;
  keyAlgorithms.set(issuer, algorithm);
  return algorithm;
}

function lintKey(
  { certificate: { spki }, key }: { readonly certificate: Certificate; readonly key: PublicKeyInfo },
  expected: ExpectedLeaf,
  reasons: string[],
): void {
  if (!sameBytes(spki, expected.spki)) reasons.push("the public key is not the one asked for");
  if (sameBytes(spki, expected.issuer.spki)) reasons.push("the public key is the authority's own");
  try {
    assertAcceptableKeyInfo(key, { ed25519: true });
  } catch (error) {
    if (!(error instanceof X509Error)) throw error;
    reasons.push(`the public key is refused: ${error.message}`);
  }
}

function lintNames({ subjectAltNames, uris, dnsNames }: Certificate, expected: ExpectedLeaf, reasons: string[]): void {
  // X509-SVID §2: one URI name, the SPIFFE ID, of a path that is not the root's.
  if (uris.length !== 1 || uris[0] !== expected.uri)
    reasons.push("the URI name is not the one asked for, and no other");
  if (!/^spiffe:\/\/[a-z0-9._-]+\/[^?#]*[^/?#]$/.test(uris[0] ?? ""))
    reasons.push("the URI name is no SPIFFE ID with a path");
  const [authority] = expected.issuer.uris;
  if (authority !== undefined && uris.some((uri) => !uri.startsWith(`${authority}/`))) {
    reasons.push("the URI name is not in the authority's trust domain");
  }
  const sameDns =
    dnsNames.length === expected.dnsNames.length && dnsNames.every((name, at) => name === expected.dnsNames[at]);
  if (!sameDns) reasons.push("the DNS names are not those asked for");
  if (subjectAltNames.length !== uris.length + dnsNames.length) reasons.push("there are names of another kind");
}

function wholeSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000) * 1000;
}
