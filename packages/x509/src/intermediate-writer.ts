// SPDX-License-Identifier: Apache-2.0
import { hash } from "node:crypto";
import type { Certificate } from "./certificate.ts";
import { DerReader, TAG } from "./der.ts";
import { bits, extension, oid, sequence, tlv, unsignedInteger } from "./der-writer.ts";
import { readName } from "./name.ts";
import { OID } from "./oid.ts";
import { parsePublicKeyInfo } from "./public-key.ts";
import { algorithmDer } from "./signature.ts";
import { encodeTime } from "./time.ts";

/** What differs from one intermediate CA to the other. */
export interface IntermediateFields {
  /** 1 to 20 octets, big-endian, taken as unsigned; also goes into the subject, so that no two authorities share a name. */
  readonly serialNumber: Uint8Array;
  /** SubjectPublicKeyInfo, DER; written as it is: judge it first with `assertAcceptableKey`. */
  readonly spki: Uint8Array;
  /** The one URI name: the trust domain's ID, ASCII. */
  readonly uri: string;
  /** Added to the issuer's subject, printable ASCII, at most 64 characters. */
  readonly organizationalUnit: string;
  /** Fractions of a second are cut off. */
  readonly notBefore: Date;
  /** Inclusive; fractions of a second are cut off. */
  readonly notAfter: Date;
}

const organizationalUnit = "2.5.4.11";
const version3 = Uint8Array.of(0xa0, 3, TAG.integer, 1, 2);
// Authority keys sign so, whatever key they certify.
const signatureAlgorithm = algorithmDer(OID.ecdsaWithSha256);
const keyCertSignAndCrlSign = Uint8Array.of(TAG.bitString, 2, 1, 0x06);
const isCa = sequence(Uint8Array.of(TAG.boolean, 1, 0xff));

/**
 * TBSCertificate, DER, of a CA below `issuer`, to be signed by ECDSA with SHA-256. Profile: subject of the issuer with another OU and
 * serial number; one URI name; basic constraints CA without a path length (there may be further servers below) and key usage
 * keyCertSign + cRLSign, both critical; SKI, AKI; no extended key usage (X509-SVID §4).
 * @throws {RangeError} for a field that can't be encoded, or an issuer without subject key identifier
 * @throws {X509Error} when `spki` is no SubjectPublicKeyInfo
 */
export function intermediateTbs(issuer: Certificate, fields: IntermediateFields): Uint8Array {
  const { subjectKeyId } = issuer;
  if (subjectKeyId === undefined) throw new RangeError("the issuer has no subject key identifier");
  if (!/^[\x20-\x7e]+$/.test(fields.uri)) throw new RangeError("a URI name is printable ASCII");
  const serialNumber = unsignedInteger(fields.serialNumber);
  // RFC 5280 §4.1.2.2: positive, at most 20 octets.
  if (serialNumber.length > 22 || fields.serialNumber.every((octet) => octet === 0)) {
    throw new RangeError("a serial number is positive and has at most 20 octets");
  }
  const keyId = hash("sha1", parsePublicKeyInfo(fields.spki).bits, "buffer");
  const extensions = sequence(
    extension(OID.basicConstraints, true, isCa),
    extension(OID.keyUsage, true, keyCertSignAndCrlSign),
    extension(OID.subjectAltName, false, sequence(tlv(0x86, Buffer.from(fields.uri, "latin1")))),
    extension(OID.subjectKeyIdentifier, false, tlv(TAG.octetString, keyId)),
    extension(OID.authorityKeyIdentifier, false, sequence(tlv(0x80, Buffer.from(subjectKeyId, "hex")))),
  );
  return sequence(
    version3,
    serialNumber,
    signatureAlgorithm,
    issuer.subjectDer,
    sequence(encodeTime(fields.notBefore), encodeTime(fields.notAfter)),
    intermediateSubject(issuer, fields),
    fields.spki,
    tlv(0xa3, extensions),
  );
}

/** The certificate, DER: `tbs` as it came from `intermediateTbs`, `signature` its signature, DER. */
export function intermediateCertificate(tbs: Uint8Array, signature: Uint8Array): Uint8Array {
  return sequence(tbs, signatureAlgorithm, bits(signature));
}

/** Name, DER: the issuer's subject with OU and serial number of its own. @throws {RangeError} for an OU that is not printable ASCII */
export function intermediateSubject(
  issuer: Certificate,
  fields: Pick<IntermediateFields, "organizationalUnit" | "serialNumber">,
): Uint8Array {
  const { organizationalUnit: unit, serialNumber } = fields;
  if (!/^[\x20-\x7e]{1,64}$/.test(unit))
    throw new RangeError("an organizational unit has 1 to 64 printable characters");
  const replaced = new Set<string>([organizationalUnit, OID.serialNumber]);
  const kept = readName(new DerReader(issuer.subjectDer).enter(TAG.sequence, "subject"), "subject")
    .map((rdn) => rdn.filter(({ type }) => !replaced.has(type)))
    .filter((rdn) => rdn.length > 0)
    .map((rdn) => tlv(TAG.set, ...rdn.map(({ type, tag, value }) => sequence(oid(type), tlv(tag, value)))));
  const serialText = Buffer.from(Buffer.from(serialNumber).toString("hex"), "latin1");
  return sequence(
    ...kept,
    tlv(TAG.set, sequence(oid(organizationalUnit), tlv(TAG.utf8String, Buffer.from(unit, "latin1")))),
    tlv(TAG.set, sequence(oid(OID.serialNumber), tlv(TAG.printableString, serialText))),
  );
}
