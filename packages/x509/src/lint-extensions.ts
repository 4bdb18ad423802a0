// SPDX-License-Identifier: Apache-2.0
import type { Certificate } from "./certificate.ts";
import type { Extension } from "./extension.ts";
import { OID } from "./oid.ts";
import { parsePublicKeyInfo } from "./public-key.ts";

/** Key identifiers as lower-case hex. */
interface KeyIds {
  readonly subjectKeyId: string;
  readonly authorityKeyId: string;
}

interface Wanted {
  readonly name: string;
  readonly critical: boolean;
  /** The extension's value, DER, as lower-case hex; undefined: judged elsewhere. */
  readonly value: string | undefined;
}

/** In how far the extensions are not exactly those of the profile: each of the six once, with its criticality and its value to the octet. */
export function lintExtensions(certificate: Certificate, ids: KeyIds): string[] {
  const wanted = wantedExtensions(certificate, ids);
  const reasons = certificate.extensions.flatMap((extension) => lintExtension(extension, wanted.get(extension.oid)));
  const present = new Set(certificate.extensions.map(({ oid }) => oid));
  for (const [oid, { name }] of wanted) if (!present.has(oid)) reasons.push(`${name} is missing`);
  return reasons;
}

function lintExtension({ oid, critical, value }: Extension, wanted: Wanted | undefined): string[] {
  if (wanted === undefined) return [`extension ${oid} is not in the profile`];
  const reasons = critical === wanted.critical ? [] : [`${wanted.name} is ${critical ? "" : "not "}critical`];
  const hex = Buffer.from(value.buffer, value.byteOffset, value.length).toString("hex");
  if (wanted.value !== undefined && wanted.value !== hex)
    reasons.push(`${wanted.name} has another value than the profile gives`);
  return reasons;
}

function wantedExtensions({ spki, subjectDer }: Certificate, ids: KeyIds): ReadonlyMap<string, Wanted> {
  const isRsa = parsePublicKeyInfo(spki).algorithm === OID.rsaEncryption;
  return new Map<string, Wanted>([
    // RFC 5280 §4.2.1.6: critical exactly when the subject is empty.
    [OID.subjectAltName, { name: "the subject alternative name", critical: subjectDer.length === 2, value: undefined }],
    [OID.basicConstraints, { name: "basic constraints", critical: true, value: "3000" }],
    // digitalSignature, and keyEncipherment for RSA keys only (RFC 8813 §3).
    [OID.keyUsage, { name: "key usage", critical: true, value: isRsa ? "030205a0" : "03020780" }],
    [OID.extKeyUsage, { name: "extended key usage", critical: false, value: serverAndClientAuth }],
    [
      OID.subjectKeyIdentifier,
      { name: "the subject key identifier", critical: false, value: `0414${ids.subjectKeyId}` },
    ],
    [
      OID.authorityKeyIdentifier,
      { name: "the authority key identifier", critical: false, value: authorityKeyIdValue(ids) },
    ],
  ]);
}

/** SEQUENCE of id-kp-serverAuth and id-kp-clientAuth. */
const serverAndClientAuth = "301406082b0601050507030106082b06010505070302";

/** SEQUENCE of nothing but [0] keyIdentifier. */
function authorityKeyIdValue({ authorityKeyId }: KeyIds): string {
  const length = authorityKeyId.length / 2;
  const octet = (value: number): string => value.toString(16).padStart(2, "0");
  return `30${octet(length + 2)}80${octet(length)}${authorityKeyId}`;
}
