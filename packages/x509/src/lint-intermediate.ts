// SPDX-License-Identifier: Apache-2.0
import { hash } from "node:crypto";
import type { Certificate } from "./certificate.ts";
import { X509Error } from "./errors.ts";
import { type IntermediateFields, intermediateSubject } from "./intermediate-writer.ts";
import { OID } from "./oid.ts";
import { sameBytes } from "./path-rules.ts";
import { parsePublicKeyInfo } from "./public-key.ts";
import { verifyPath } from "./verify-path.ts";

/** The extensions of the profile, and whether they are critical. */
const profile: ReadonlyMap<string, boolean> = new Map<string, boolean>([
  [OID.basicConstraints, true],
  [OID.keyUsage, true],
  [OID.subjectAltName, false],
  [OID.subjectKeyIdentifier, false],
  [OID.authorityKeyIdentifier, false],
]);
/** keyCertSign and cRLSign. */
const caUsage = 32 | 64;

/** A CA below an authority, as asked for. */
export type ExpectedIntermediate = IntermediateFields & { readonly issuer: Certificate };

/**
 * Everything in which an intermediate CA differs from the profile and from what was asked for, a reason each; none = clean. To be called
 * before a certificate leaves its issuer. The signature is verified, too. Never throws.
 */
export function lintIntermediate(certificate: Certificate, expected: ExpectedIntermediate): string[] {
  const reasons: string[] = [];
  const demand = (holds: boolean, reason: string): void => {
    if (!holds) reasons.push(reason);
  };
  const { issuer } = expected;
  demand(certificate.serialNumber === unsigned(expected.serialNumber), "the serial number is not the one reserved");
  demand(sameBytes(certificate.issuerDer, issuer.subjectDer), "the issuer is not the authority's subject");
  demand(sameBytes(certificate.subjectDer, intermediateSubject(issuer, expected)), "the subject is another");
  demand(sameBytes(certificate.spki, expected.spki), "the public key is not the one asked for");
  demand(!sameBytes(certificate.spki, issuer.spki), "the public key is the authority's own");
  demand(seconds(certificate.notBefore) === seconds(expected.notBefore), "notBefore is not the one asked for");
  demand(seconds(certificate.notAfter) === seconds(expected.notAfter), "notAfter is not the one asked for");
  demand(certificate.notAfter <= issuer.notAfter, "the validity ends after the authority's");
  // X509-SVID §2: the authority's own name is its trust domain.
  demand(certificate.uris[0] === expected.uri && certificate.subjectAltNames.length === 1, "the names are others");
  demand(issuer.uris.length === 0 || issuer.uris[0] === expected.uri, "the name is not the authority's trust domain");
  demand(certificate.isCa && certificate.pathLength === undefined, "basic constraints are not those of a CA");
  demand(certificate.keyUsage?.bits === caUsage, "key usage is not keyCertSign and cRLSign");
  demand(certificate.subjectKeyId === keyIdOf(certificate), "the subject key identifier is another");
  demand(certificate.authorityKeyId === issuer.subjectKeyId, "the authority key identifier is another");
  demand(certificate.extensions.length === profile.size, "there are extensions too many or too few");
  for (const { oid, critical } of certificate.extensions) {
    demand(profile.get(oid) === critical, `extension ${oid} is not in the profile or its criticality is wrong`);
  }
  lintPath(certificate, issuer, reasons);
  return reasons;
}

/** Signature, algorithms, key strength, and what RFC 5280 §4 asks of those who write certificates. */
function lintPath(certificate: Certificate, issuer: Certificate, reasons: string[]): void {
  try {
    verifyPath(certificate, [], [issuer], { now: certificate.notBefore });
  } catch (error) {
    if (!(error instanceof X509Error)) throw error;
    reasons.push(`the path to the authority is refused: ${error.message}`);
  }
}

function keyIdOf({ spki }: Certificate): string {
  return hash("sha1", parsePublicKeyInfo(spki).bits, "hex");
}

function unsigned(octets: Uint8Array): bigint {
  return BigInt(`0x0${Buffer.from(octets).toString("hex")}`);
}

function seconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}
