// SPDX-License-Identifier: Apache-2.0
import { type KeyObject, sign, X509Certificate } from "node:crypto";
import { bitString, integer, oid, sequence, time, tlv } from "./der.ts";
import { authorityKeyId, extension } from "./extensions.ts";

/** What a list says beside which certificates it revokes; dates are about the CA's own instant. */
export interface TestRevocationListOptions {
  /** Default: a minute before the CA's instant. */
  readonly thisUpdate?: Date | undefined;
  /** Default: an hour after the CA's instant. */
  readonly nextUpdate?: Date | undefined;
  /** CRL number; default 1. */
  readonly number?: number | undefined;
  /** Signs in place of the CA's key. */
  readonly signer?: KeyObject | undefined;
  /** One unknown critical extension, so that the list must not be used. */
  readonly isUnsupported?: boolean | undefined;
}

interface RevocationListFields extends TestRevocationListOptions {
  /** Name, DER. */
  readonly issuer: Uint8Array;
  /** SubjectPublicKeyInfo, DER. */
  readonly issuerSpki: Uint8Array;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  readonly signer: KeyObject;
  /** Certificates, DER. */
  readonly revoked: readonly Uint8Array[];
}

/** A certificate revocation list of version 2, DER, signed with an EC key and SHA-256 (RFC 5280 §5). */
export function writeRevocationList(list: RevocationListFields): Uint8Array {
  const algorithm = sequence(oid("1.2.840.10045.4.3.2"));
  const entries = list.revoked.map((der) => sequence(integer(serialNumberOf(der)), time(list.thisUpdate)));
  const number = Buffer.alloc(4);
  number.writeUInt32BE(list.number ?? 1);
  const extensions = [authorityKeyId(list.issuerSpki), extension("2.5.29.20", false, integer(number))];
  if (list.isUnsupported === true) extensions.push(extension("1.3.6.1.4.1.99999.1", true, Uint8Array.of(5, 0)));
  const tbs = sequence(
    integer(Uint8Array.of(1)),
    algorithm,
    list.issuer,
    time(list.thisUpdate),
    time(list.nextUpdate),
    ...(entries.length === 0 ? [] : [sequence(...entries)]),
    tlv(0xa0, sequence(...extensions)),
  );
  return sequence(tbs, algorithm, bitString(sign("sha256", tbs, list.signer)));
}

function serialNumberOf(der: Uint8Array): Uint8Array {
  return Buffer.from(new X509Certificate(der).serialNumber, "hex");
}
