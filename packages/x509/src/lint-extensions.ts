// SPDX-License-Identifier: Apache-2.0
import type { Certificate } from "./certificate.ts";
import type { Extension } from "./extension.ts";
import { OID } from "./oid.ts";
import { sameBytes } from "./path-rules.ts";

/** What the profile depends on. */
interface Profile {
  readonly hasEmptySubject: boolean;
  readonly isRsa: boolean;
  /** SHA-1 of the leaf's key. */
  readonly subjectKeyId: Uint8Array;
  readonly issuer: Certificate;
}

interface Rule {
  readonly name: string;
  readonly isCritical: (profile: Profile) => boolean;
  /** Whether the value (DER) is the profile's, to the octet. */
  readonly isValue: (value: Uint8Array, profile: Profile) => boolean;
}

const hex = (text: string): Uint8Array => Buffer.from(text, "hex");
const always = (): boolean => true;
const never = (): boolean => false;

const emptySequence = hex("3000");
// digitalSignature, and keyEncipherment for RSA keys only (RFC 8813 §3).
const digitalSignature = hex("03020780");
const withKeyEncipherment = hex("030205a0");
const serverAndClientAuth = hex("301406082b0601050507030106082b06010505070302");
const subjectKeyIdHead = hex("0414");

const rules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  [
    OID.subjectAltName,
    // RFC 5280 §4.2.1.6: critical exactly when the subject is empty. The names are judged one by one elsewhere.
    { name: "the subject alternative name", isCritical: ({ hasEmptySubject }) => hasEmptySubject, isValue: always },
  ],
  [
    OID.basicConstraints,
    { name: "basic constraints", isCritical: always, isValue: (value) => sameBytes(value, emptySequence) },
  ],
  [
    OID.keyUsage,
    {
      name: "key usage",
      isCritical: always,
      isValue: (value, { isRsa }) => sameBytes(value, isRsa ? withKeyEncipherment : digitalSignature),
    },
  ],
  [
    OID.extKeyUsage,
    { name: "extended key usage", isCritical: never, isValue: (value) => sameBytes(value, serverAndClientAuth) },
  ],
  [
    OID.subjectKeyIdentifier,
    {
      name: "the subject key identifier",
      isCritical: never,
      isValue: (value, { subjectKeyId }) =>
        sameBytes(value.subarray(0, 2), subjectKeyIdHead) && sameBytes(value.subarray(2), subjectKeyId),
    },
  ],
  [
    OID.authorityKeyIdentifier,
    {
      name: "the authority key identifier",
      isCritical: never,
      isValue: (value, { issuer }) => sameBytes(value, authorityKeyIdValue(issuer)),
    },
  ],
]);

/** Adds in how far the extensions are not exactly those of the profile: each of the six once, with its criticality and its value to the octet. */
export function lintExtensions({ extensions }: Certificate, profile: Profile, reasons: string[]): void {
  for (const extension of extensions) lintExtension(extension, profile, reasons);
  for (const [oid, { name }] of rules) {
    if (!extensions.some((extension) => extension.oid === oid)) reasons.push(`${name} is missing`);
  }
}

function lintExtension({ oid, critical, value }: Extension, profile: Profile, reasons: string[]): void {
  const rule = rules.get(oid);
  if (rule === undefined) {
    reasons.push(`extension ${oid} is not in the profile`);
    return;
  }
  if (critical !== rule.isCritical(profile)) reasons.push(`${rule.name} is ${critical ? "" : "not "}critical`);
  if (!rule.isValue(value, profile)) reasons.push(`${rule.name} has another value than the profile gives`);
}

const authorityKeyIds = new WeakMap<Certificate, Uint8Array>();

/** SEQUENCE of nothing but [0] keyIdentifier. Remembered: an issuer has many leaves. */
function authorityKeyIdValue(issuer: Certificate): Uint8Array {
  const known = authorityKeyIds.get(issuer);
  if (known !== undefined) return known;
  const keyId = hex(issuer.subjectKeyId ?? "");
  const value = Buffer.concat([Uint8Array.of(0x30, keyId.length + 2, 0x80, keyId.length), keyId]);
  authorityKeyIds.set(issuer, value);
  return value;
}
