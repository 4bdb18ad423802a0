// SPDX-License-Identifier: Apache-2.0
import type { KeyObject } from "node:crypto";
import type { Certificate } from "./certificate.ts";
import { TAG } from "./der.ts";
import { bits, extension, sequence, tlv, unsignedInteger } from "./der-writer.ts";
import { X509Error } from "./errors.ts";
import { maxRevocationListEntries } from "./limits.ts";
import { OID } from "./oid.ts";
import { RevocationList } from "./revocation-list.ts";
import { algorithmDer, signatureAlgorithmOf, signWith } from "./signature.ts";
import { encodeTime } from "./time.ts";

const reasonCodes = {
  keyCompromise: 1,
  cACompromise: 2,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  certificateHold: 6,
  privilegeWithdrawn: 9,
  aACompromise: 10,
} as const;

/** Why a certificate was revoked, as named in RFC 5280 §5.3.1. */
export type RevocationReason = keyof typeof reasonCodes;

/** One certificate of the list's issuer that must no longer be relied on. */
export interface RevokedSerialNumber {
  /** Of the certificate: positive, at most 20 octets. */
  readonly serialNumber: bigint;
  /** When it was revoked; fractions of a second are cut off. */
  readonly at: Date;
  /** Default: the list does not say. */
  readonly reason?: RevocationReason | undefined;
}

/** What `writeRevocationList` needs. */
export interface RevocationListOptions {
  /** A CA with cRLSign and a subject key identifier. */
  readonly issuer: Certificate;
  /** The issuer's: EC P-256, P-384 or P-521, RSA or Ed25519. */
  readonly privateKey: KeyObject;
  /** Fractions of a second are cut off, here and below. */
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  /** CRL number: larger than that of the list before; at most 20 octets. */
  readonly number: bigint;
  /** In the order in which they are to be written; at most 200,000. */
  readonly revoked: readonly RevokedSerialNumber[];
}

const version2 = Uint8Array.of(TAG.integer, 1, 1);

/**
 * A signed certificate revocation list, DER, as RFC 5280 §5 wants it: version 2, AKI and CRL number, for all certificates of `issuer`.
 * What was written is read again and its signature verified.
 * @throws {RangeError} for options that can't be encoded, an issuer that may not sign lists, or a key that is not the issuer's
 */
export function writeRevocationList(options: RevocationListOptions): Uint8Array {
  const { issuer, privateKey, thisUpdate, nextUpdate, number, revoked } = options;
  if (issuer.subjectKeyId === undefined) throw new RangeError("the issuer has no subject key identifier");
  if (revoked.length > maxRevocationListEntries)
    throw new RangeError(`a revocation list has at most ${maxRevocationListEntries} entries`);
  if (!(thisUpdate.getTime() < nextUpdate.getTime())) throw new RangeError("the next update comes after this one");
  const algorithm = algorithmDer(signatureAlgorithmOf(privateKey));
  const authorityKeyId = sequence(tlv(0x80, Buffer.from(issuer.subjectKeyId, "hex")));
  const tbs = sequence(
    version2,
    algorithm,
    issuer.subjectDer,
    encodeTime(thisUpdate),
    encodeTime(nextUpdate),
    ...(revoked.length === 0 ? [] : [sequence(Buffer.concat(revoked.map(entry)))]),
    tlv(
      0xa0,
      sequence(
        extension(OID.authorityKeyIdentifier, false, authorityKeyId),
        extension(OID.crlNumber, false, integer(number, "a CRL number")),
      ),
    ),
  );
  const der = sequence(tbs, algorithm, bits(signWith(privateKey, tbs).signature));
  assertSound(der, issuer);
  return der;
}

function assertSound(der: Uint8Array, issuer: Certificate): void {
  try {
    RevocationList.parse(der).assertSignedBy(issuer);
  } catch (cause) {
    if (cause instanceof X509Error) throw new RangeError(`no sound list can be written: ${cause.message}`, { cause });
    throw cause;
  }
}

function entry({ serialNumber, at, reason }: RevokedSerialNumber): Uint8Array {
  const parts = [integer(serialNumber, "a serial number"), encodeTime(at)];
  if (reason !== undefined) {
    const code = Uint8Array.of(TAG.enumerated, 1, reasonCodes[reason]);
    parts.push(sequence(extension(OID.reasonCode, false, code)));
  }
  return sequence(...parts);
}

/** INTEGER, not negative, at most 20 octets (RFC 5280 §4.1.2.2, §5.2.3). */
function integer(value: bigint, what: string): Uint8Array {
  const hex = value.toString(16);
  const octets = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
  const written = unsignedInteger(octets);
  if (value < 0n || written.length > 22) throw new RangeError(`${what} is not negative and has at most 20 octets`);
  return written;
}
