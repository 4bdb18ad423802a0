// SPDX-License-Identifier: Apache-2.0
import { TAG, type DerReader } from "./der.ts";
import { X509Error } from "./errors.ts";
import { readExtensions, type Extension } from "./extension.ts";
import { maxRevocationListEntries } from "./limits.ts";
import { OID } from "./oid.ts";
import { readTime } from "./time.ts";

/** Contents octets of a serial number's INTEGER as a key: they are minimal, so one number has one key. */
export function serialNumberKey(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString("latin1");
}

/**
 * The serial numbers of revokedCertificates, as keys; the reader stands inside the SEQUENCE. One short string for each: no object, date
 * or number of an entry is kept.
 * @throws {X509Error} MALFORMED; TOO_LARGE over 200,000 entries; UNKNOWN_CRITICAL for an entry of another issuer (indirect lists) or
 * with a critical extension that is not processed (RFC 5280 §5.3)
 */
export function readRevokedSerialNumbers(reader: DerReader): Set<string> {
  const revoked = new Set<string>();
  // RFC 5280 §5.1.2.6: a list that revokes nothing has no such member.
  if (reader.done) throw new X509Error("MALFORMED", "the list of revoked certificates is empty");
  for (let count = 1; !reader.done; count++) {
    if (count > maxRevocationListEntries)
      throw new X509Error("TOO_LARGE", `a revocation list has more than ${maxRevocationListEntries} entries`);
    const entry = reader.enter(TAG.sequence, "revoked certificate");
    revoked.add(serialNumberKey(entry.contents(TAG.integer, "revoked serial number")));
    readTime(entry, "revocation date");
    if (entry.done) continue;
    for (const extension of readExtensions(entry.enter(TAG.sequence, "extensions of an entry"))) judge(extension);
    entry.end("revoked certificate");
  }
  return revoked;
}

function judge({ oid, critical, value }: Extension): void {
  // What an entry says about when and why does not change that it revokes.
  if (oid === OID.reasonCode) return assertReason(value);
  if (oid === OID.invalidityDate) return;
  if (critical || oid === OID.certificateIssuer)
    throw new X509Error("UNKNOWN_CRITICAL", `an entry has the extension ${oid}, which is not supported`);
}

/** RFC 5280 §5.3.1: an ENUMERATED of 0 to 10 without 7; 8 takes certificates off a list and exists in delta lists only. */
function assertReason(value: Uint8Array): void {
  const [tag, length, reason = 255] = value;
  const isCode = value.length === 3 && tag === TAG.enumerated && length === 1 && reason <= 10;
  if (!isCode || reason === 7 || reason === 8) throw new X509Error("MALFORMED", "an entry's reason is none for it");
}
