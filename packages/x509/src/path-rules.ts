// SPDX-License-Identifier: Apache-2.0
import type { Certificate } from "./certificate.ts";
import { X509Error } from "./errors.ts";
import { assertNamesAllowed, type NameBudget } from "./name-match.ts";
import { OID } from "./oid.ts";
import { assertAcceptableKey } from "./public-key.ts";

/** Inputs of `verifyPath` beside the certificates. */
export interface PathOptions {
  readonly now: Date;
  /** A key purpose (dotted OID) that every certificate of the path must allow if it names any; undefined: purposes are not looked at. */
  readonly eku?: string | undefined;
  /** How many intermediates may stand between leaf and anchor, self-issued ones not counted; default 6. */
  readonly maxIntermediates?: number | undefined;
  /**
   * Also refuse faults that authorities in use do have, although nothing depends on them here: missing key identifiers, an anchor that is
   * not written as RFC 5280 §4 asks of CAs, DNS subtrees that begin with a period. Default true.
   */
  readonly strict?: boolean | undefined;
}

const defaultMaxIntermediates = 6;

/** Whether two byte strings are equal; not for secrets. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}

/** RFC 5280 §3.2: subject and issuer are the same name. */
export function isSelfIssued(certificate: Certificate): boolean {
  return sameBytes(certificate.subjectDer, certificate.issuerDer);
}

/** What every certificate of a path has to meet, by itself. */
function assertUsable(certificate: Certificate, { now, eku }: PathOptions, who: string): void {
  if (now.getTime() < certificate.notBefore.getTime()) {
    throw new X509Error("NOT_YET_VALID", `${who} is not valid before ${certificate.notBefore.toISOString()}`);
  }
  // RFC 5280 §4.1.2.5: the second of notAfter still belongs to the validity.
  if (!(now.getTime() < certificate.notAfter.getTime() + 1_000)) {
    throw new X509Error("EXPIRED", `${who} was valid until ${certificate.notAfter.toISOString()}`);
  }
  const [unknown] = certificate.unknownCritical;
  if (unknown !== undefined)
    throw new X509Error("UNKNOWN_CRITICAL", `${who} has the unknown critical extension ${unknown}`);
  assertAcceptableKey(certificate.spki, { ed25519: true });
  const purposes = certificate.extKeyUsage;
  if (eku === undefined || purposes === undefined) return;
  if (!purposes.includes(eku) && !purposes.includes(OID.anyExtendedKeyUsage)) {
    throw new X509Error("WRONG_EKU", `${who} is not for the purpose ${eku}`);
  }
}

/** The leaf by itself. @throws {X509Error} */
export function assertLeaf(leaf: Certificate, options: PathOptions): void {
  assertUsable(leaf, options, "the certificate");
  // RFC 5280 §4.2.1.10: name constraints are for CAs only.
  if (leaf.nameConstraints !== undefined && !leaf.isCa)
    throw new X509Error("NAME_CONSTRAINT", "a leaf has name constraints");
}

/**
 * Whether `issuer` may stand above `path` (leaf first). The signature has been checked.
 * @throws {X509Error}
 */
export function assertIssuer(
  path: readonly Certificate[],
  issuer: Certificate,
  options: PathOptions & { readonly budget: NameBudget },
): void {
  if (!issuer.isCa) throw new X509Error("SIGNER_NOT_CA", "a certificate is signed by one that is no CA");
  if (issuer.keyUsage?.keyCertSign === false) {
    throw new X509Error(
      "SIGNER_NO_KEY_CERT_SIGN",
      "a certificate is signed by a CA that has no right to sign certificates",
    );
  }
  assertUsable(issuer, options, "the issuer's certificate");
  const below = path.slice(1).filter((member) => !isSelfIssued(member)).length;
  const allowed = Math.min(
    issuer.pathLength ?? Number.POSITIVE_INFINITY,
    options.maxIntermediates ?? defaultMaxIntermediates,
  );
  if (below > allowed) throw new X509Error("PATH_LEN", `${below} intermediates where ${allowed} are allowed`);
  if (issuer.nameConstraints === undefined) return;
  // RFC 5280 §6.1.3 (b): self-issued certificates are exempt unless they are the last of the path.
  const judged = path.filter((member, index) => index === 0 || !isSelfIssued(member));
  assertNamesAllowed(judged, issuer.nameConstraints, { strict: options.strict !== false, budget: options.budget });
}

/**
 * What RFC 5280 §4 demands of those who write certificates, although no rule above looks at it; path leaf first, anchor last. Not strict:
 * of the anchor nothing, and key identifiers may be missing.
 * @throws {X509Error} MALFORMED
 */
export function assertWellMade(path: readonly Certificate[], strict: boolean): void {
  for (const [index, certificate] of path.entries()) {
    const isAnchor = index === path.length - 1;
    if (isAnchor && !strict) return;
    assertWrittenWell(certificate);
    if (index > 0) assertCaWrittenWell(certificate);
    if (!strict) continue;
    // Who else vouched for an anchor has no part in the path.
    if (certificate.authorityKeyId === undefined && !isAnchor) malformed("authority key identifier is missing");
    if (certificate.subjectKeyId === undefined && index > 0) malformed("subject key identifier of a CA is missing");
  }
}

function assertWrittenWell(certificate: Certificate): void {
  if (isCritical(certificate, OID.authorityKeyIdentifier) === true) malformed("authority key identifier is critical");
  if (isCritical(certificate, OID.subjectKeyIdentifier) === true) malformed("subject key identifier is critical");
  if (certificate.issuerDer.length <= 2) malformed("issuer is empty");
  if (certificate.subjectDer.length <= 2 && isCritical(certificate, OID.subjectAltName) !== true)
    malformed("neither subject nor critical names");
  if (certificate.keyUsage?.keyCertSign === true && !certificate.isCa) malformed("keyCertSign without being a CA");
}

function assertCaWrittenWell(certificate: Certificate): void {
  if (certificate.subjectDer.length <= 2) malformed("subject of a CA is empty");
  if (isCritical(certificate, OID.basicConstraints) !== true) malformed("basic constraints of a CA are not critical");
}

/** Undefined: the certificate has no such extension. */
function isCritical(certificate: Certificate, oid: string): boolean | undefined {
  return certificate.extensions.find((extension) => extension.oid === oid)?.critical;
}

function malformed(message: string): never {
  throw new X509Error("MALFORMED", message);
}
