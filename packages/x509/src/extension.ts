// SPDX-License-Identifier: Apache-2.0
import { assertDer, DerReader, TAG } from "./der.ts";
import { X509Error } from "./errors.ts";

/** One extension as encoded. */
export interface Extension {
  /** Dotted. */
  readonly oid: string;
  readonly critical: boolean;
  /** Contents of the OCTET STRING: the DER of the extension's own type. */
  readonly value: Uint8Array;
}

/** KeyUsage (RFC 5280 §4.2.1.3). */
export interface KeyUsage {
  readonly critical: boolean;
  /** Bit n of the standard's list is `1 << n`: digitalSignature 1, keyEncipherment 4, keyAgreement 16, keyCertSign 32, cRLSign 64. */
  readonly bits: number;
  readonly digitalSignature: boolean;
  readonly keyCertSign: boolean;
  readonly crlSign: boolean;
}

/**
 * Extensions: the reader stands inside their SEQUENCE.
 * @throws {X509Error} DUPLICATE_EXTENSION (RFC 5280 §4.2); MALFORMED when empty or `critical` is written as FALSE
 */
export function readExtensions(reader: DerReader): Extension[] {
  const extensions: Extension[] = [];
  const seen = new Set<string>();
  while (!reader.done) {
    const member = reader.enter(TAG.sequence, "extension");
    const oid = member.oid("extension identifier");
    let critical = false;
    if (member.peek() === TAG.boolean) {
      critical = member.boolean("criticality");
      if (!critical) throw new X509Error("MALFORMED", `extension ${oid} spells out a default`);
    }
    if (member.peek() !== TAG.octetString) throw new X509Error("MALFORMED", `extension ${oid} has no value`);
    const value = member.contents(TAG.octetString, "value of an extension");
    if (!member.done) throw new X509Error("MALFORMED", `extension ${oid} has members too many`);
    if (seen.has(oid)) throw new X509Error("DUPLICATE_EXTENSION", `extension ${oid} appears twice`);
    seen.add(oid);
    extensions.push({ oid, critical, value });
  }
  if (extensions.length === 0) throw new X509Error("MALFORMED", "extensions must not be empty");
  return extensions;
}

/** Contents of BasicConstraints (RFC 5280 §4.2.1.9). */
export function parseBasicConstraints(value: Uint8Array): {
  readonly isCa: boolean;
  readonly pathLength: number | undefined;
} {
  const reader = DerReader.sequence(value, value.length, "basic constraints");
  let isCa = false;
  if (reader.peek() === TAG.boolean) {
    isCa = reader.boolean("cA");
    if (!isCa) throw new X509Error("MALFORMED", "basic constraints spell out a default");
  }
  let pathLength: number | undefined;
  if (!reader.done) {
    const length = reader.integer("path length");
    if (length < 0n) throw new X509Error("MALFORMED", "path length is negative");
    pathLength = length > 255n ? 255 : Number(length);
  }
  reader.end("basic constraints");
  return { isCa, pathLength };
}

/** Contents of KeyUsage; at least one bit (RFC 5280 §4.2.1.3). */
export function parseKeyUsage(value: Uint8Array, critical: boolean): KeyUsage {
  const contents = single(value, TAG.bitString, "key usage");
  let bits = 0;
  for (let n = 0; n < (contents.length - 1) * 8; n++) {
    if (((contents[1 + (n >> 3)] ?? 0) & (0x80 >> (n & 7))) === 0) continue;
    if (n > 8) throw new X509Error("MALFORMED", "key usage has bits that the standard does not know");
    bits |= 1 << n;
  }
  if (bits === 0) throw new X509Error("MALFORMED", "key usage is empty");
  return {
    critical,
    bits,
    digitalSignature: (bits & 1) !== 0,
    keyCertSign: (bits & 32) !== 0,
    crlSign: (bits & 64) !== 0,
  };
}

/** Contents of ExtKeyUsage: dotted OIDs, at least one (RFC 5280 §4.2.1.12). */
export function parseExtKeyUsage(value: Uint8Array): string[] {
  const reader = DerReader.sequence(value, value.length, "extended key usage");
  const purposes: string[] = [];
  while (!reader.done) purposes.push(reader.oid("key purpose"));
  if (purposes.length === 0) throw new X509Error("MALFORMED", "extended key usage is empty");
  return purposes;
}

/** Contents of SubjectKeyIdentifier as lower-case hex (RFC 5280 §4.2.1.2). */
export function parseSubjectKeyId(value: Uint8Array): string {
  const contents = single(value, TAG.octetString, "subject key identifier");
  if (contents.length === 0) throw new X509Error("MALFORMED", "subject key identifier is empty");
  return toHex(contents);
}

/** keyIdentifier of AuthorityKeyIdentifier as lower-case hex; undefined when it names issuer and serial only (RFC 5280 §4.2.1.1). */
export function parseAuthorityKeyId(value: Uint8Array): string | undefined {
  const reader = DerReader.sequence(value, value.length, "authority key identifier");
  const keyId = reader.peek() === 0x80 ? toHex(reader.contents(0x80, "key identifier")) : undefined;
  const issuer = reader.peek() === 0xa1;
  if (issuer) reader.skip(0xa1, "issuer of the authority");
  const serial = reader.peek() === 0x82;
  if (serial) reader.skip(0x82, "serial number of the authority");
  reader.end("authority key identifier");
  if (issuer !== serial || keyId === "") throw new X509Error("MALFORMED", "authority key identifier is incomplete");
  return keyId;
}

/** The only member of `value`, which must have this tag. */
function single(value: Uint8Array, tag: number, what: string): Uint8Array {
  assertDer(value, value.length);
  return new DerReader(value).contents(tag, what);
}

function toHex(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString("hex");
}
