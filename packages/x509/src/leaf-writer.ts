// SPDX-License-Identifier: Apache-2.0
import { hash } from "node:crypto";
import type { Certificate } from "./certificate.ts";
import { TAG } from "./der.ts";
import { BackwardsWriter, extension, oid, sequence, tlv } from "./der-writer.ts";
import { maxCertificateBytes } from "./limits.ts";
import { commonNameDer, emptyName } from "./name.ts";
import { OID } from "./oid.ts";
import { parsePublicKeyInfo } from "./public-key.ts";
import { algorithmDer } from "./signature.ts";
import { encodeTime } from "./time.ts";

/** The signature algorithms that leaves are signed with. */
export type LeafSignatureAlgorithm = "ecdsa-with-SHA256" | "ecdsa-with-SHA384" | "sha256WithRSAEncryption";

/** What differs from leaf to leaf. */
export interface LeafFields {
  /** 1 to 20 octets, big-endian, taken as unsigned; random, 16 octets with the top bit cleared from `randomSerialNumber`. */
  readonly serialNumber: Uint8Array;
  /** SubjectPublicKeyInfo, DER; written as it is: judge it first with `assertAcceptableKey`. */
  readonly spki: Uint8Array;
  /** The one URI name: a SPIFFE ID, ASCII. */
  readonly uri: string;
  /** ASCII. The first becomes the CN as well when it has at most 64 characters. */
  readonly dnsNames: readonly string[];
  /** Fractions of a second are cut off. */
  readonly notBefore: Date;
  /** Inclusive; fractions of a second are cut off. */
  readonly notAfter: Date;
  /** Name, DER, instead of what the DNS names would give; only for certificates that an operator mints. */
  readonly subjectDer?: Uint8Array | undefined;
}

const signatureOids: Readonly<Record<LeafSignatureAlgorithm, string>> = {
  "ecdsa-with-SHA256": OID.ecdsaWithSha256,
  "ecdsa-with-SHA384": OID.ecdsaWithSha384,
  sha256WithRSAEncryption: OID.sha256WithRsa,
};

const version3 = Uint8Array.of(0xa0, 3, TAG.integer, 1, 2);

/** KeyUsage, ExtKeyUsage and BasicConstraints of a leaf: `keyUsage` is the DER of the BIT STRING. */
function fixedExtensions(keyUsage: Uint8Array): Uint8Array {
  return Buffer.concat([
    // X509-SVID §4.3: key usage is critical. RFC 8813 §3: keyEncipherment is not for EC keys.
    extension(OID.keyUsage, true, keyUsage),
    extension(OID.extKeyUsage, false, sequence(oid(OID.serverAuth), oid(OID.clientAuth))),
    extension(OID.basicConstraints, true, sequence()),
  ]);
}

const digitalSignatureOnly = fixedExtensions(Uint8Array.of(TAG.bitString, 2, 7, 0x80));
const withKeyEncipherment = fixedExtensions(Uint8Array.of(TAG.bitString, 2, 5, 0xa0));

/** An SKI extension up to the 20 octets of its hash. */
const subjectKeyIdHead = extension(OID.subjectKeyIdentifier, false, tlv(TAG.octetString, new Uint8Array(20))).subarray(
  0,
  -20,
);
const subjectAltNameOid = oid(OID.subjectAltName);

/**
 * Writes the certificates of one issuer, last octet first, around fragments encoded once. Signing is the caller's: take `tbs`, sign it
 * with the issuer's key by the algorithm given here, hand both to `certificate`.
 * The profile is the design's: v3, one URI name then DNS names, empty subject with critical names or CN with names that are not critical,
 * basic constraints, key usage, extended key usage (serverAuth, clientAuth), SKI, AKI.
 */
export class LeafWriter {
  readonly #writer = new BackwardsWriter(maxCertificateBytes);
  readonly #issuer: Uint8Array;
  readonly #algorithm: Uint8Array;
  readonly #authorityKeyId: Uint8Array;

  /** @throws {RangeError} when the issuer has no subject or no subject key identifier */
  constructor(issuer: { readonly certificate: Certificate; readonly signatureAlgorithm: LeafSignatureAlgorithm }) {
    const { subjectDer, subjectKeyId } = issuer.certificate;
    if (subjectKeyId === undefined) throw new RangeError("the issuer has no subject key identifier");
    if (subjectDer.length <= 2) throw new RangeError("the issuer has no subject");
    this.#issuer = subjectDer;
    this.#algorithm = algorithmDer(signatureOids[issuer.signatureAlgorithm]);
    this.#authorityKeyId = extension(
      OID.authorityKeyIdentifier,
      false,
      sequence(tlv(0x80, Buffer.from(subjectKeyId, "hex"))),
    );
  }

  /**
   * TBSCertificate, DER: what has to be signed.
   * @throws {RangeError} for a serial number, name, time or subject that can't be encoded, or when the leaf would be over 16 KiB
   * @throws {X509Error} when `spki` is no SubjectPublicKeyInfo
   */
  tbs(leaf: LeafFields): Uint8Array {
    const key = parsePublicKeyInfo(leaf.spki);
    const subject = leafSubject(leaf);
    const writer = this.#writer;
    writer.reset();

    writeSubjectAltName(writer, leaf, subject.length === emptyName.length);
    writer.bytes(this.#authorityKeyId);
    writer.bytes(hash("sha1", key.bits, "buffer"));
    writer.bytes(subjectKeyIdHead);
    writer.bytes(key.algorithm === OID.rsaEncryption ? withKeyEncipherment : digitalSignatureOnly);
    writer.header(TAG.sequence, 0);
    writer.header(0xa3, 0);

    writer.bytes(leaf.spki);
    writer.bytes(subject);
    const validity = writer.length;
    writer.bytes(encodeTime(leaf.notAfter));
    writer.bytes(encodeTime(leaf.notBefore));
    writer.header(TAG.sequence, validity);
    writer.bytes(this.#issuer);
    writer.bytes(this.#algorithm);
    writeSerialNumber(writer, leaf.serialNumber);
    writer.bytes(version3);
    writer.header(TAG.sequence, 0);
    return writer.finish();
  }

  /** The certificate, DER: `tbs` as it came from `tbs()`, `signature` its signature (DER for ECDSA). */
  certificate(tbs: Uint8Array, signature: Uint8Array): Uint8Array {
    const writer = this.#writer;
    writer.reset();
    writer.bytes(signature);
    writer.byte(0);
    writer.header(TAG.bitString, 0);
    writer.bytes(this.#algorithm);
    writer.bytes(tbs);
    writer.header(TAG.sequence, 0);
    return writer.finish();
  }
}

function leafSubject(leaf: LeafFields): Uint8Array {
  if (leaf.subjectDer !== undefined) return leaf.subjectDer;
  const [first] = leaf.dnsNames;
  return first === undefined || first.length > 64 ? emptyName : commonNameDer(first);
}

function writeSubjectAltName(writer: BackwardsWriter, leaf: LeafFields, critical: boolean): void {
  const end = writer.length;
  for (let i = leaf.dnsNames.length - 1; i >= 0; i--) writeName(writer, 0x82, leaf.dnsNames[i] ?? "");
  writeName(writer, 0x86, leaf.uri);
  writer.header(TAG.sequence, end);
  writer.header(TAG.octetString, end);
  // RFC 5280 §4.2.1.6: critical exactly when the subject is empty.
  if (critical) {
    writer.byte(0xff);
    writer.byte(1);
    writer.byte(TAG.boolean);
  }
  writer.bytes(subjectAltNameOid);
  writer.header(TAG.sequence, end);
}

function writeName(writer: BackwardsWriter, tag: number, text: string): void {
  if (text === "") throw new RangeError("a name in a certificate is not empty");
  const mark = writer.length;
  writer.ascii(text);
  writer.header(tag, mark);
}

function writeSerialNumber(writer: BackwardsWriter, octets: Uint8Array): void {
  let from = 0;
  while (from < octets.length && octets[from] === 0) from++;
  const mark = writer.length;
  writer.bytes(octets.subarray(from));
  if (((octets[from] ?? 0) & 0x80) !== 0) writer.byte(0);
  const length = writer.length - mark;
  // RFC 5280 §4.1.2.2: positive, at most 20 octets.
  if (length === 0 || length > 20) throw new RangeError("a serial number is positive and has at most 20 octets");
  writer.header(TAG.integer, mark);
}
