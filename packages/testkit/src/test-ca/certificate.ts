// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { bitString, integer, oid, sequence, time, tlv } from "./der.ts";

/** A key pair; EC P-256 from `newKeys`. */
export interface TestKeys {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/** Everything that a certificate says. */
export interface CertificateFields {
  /** Name, DER. */
  readonly issuer: Uint8Array;
  /** Name, DER. */
  readonly subject: Uint8Array;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  /** Extensions, DER. */
  readonly extensions: readonly Uint8Array[];
}

/** Digests for signing; sha1 is there to be refused. */
export type Digest = "sha256" | "sha1";

const ecdsaWith: Readonly<Record<Digest, string>> = { sha256: "1.2.840.10045.4.3.2", sha1: "1.2.840.10045.4.1" };

export function newKeys(): TestKeys {
  return generateKeyPairSync("ec", { namedCurve: "P-256" });
}

export function spkiOf(key: KeyObject): Uint8Array {
  return new Uint8Array(key.export({ format: "der", type: "spki" }));
}

/** Name with one CN; no RDN at all for undefined. */
export function nameOf(commonName: string | undefined): Uint8Array {
  if (commonName === undefined) return sequence();
  return sequence(tlv(0x31, sequence(oid("2.5.4.3"), tlv(0x0c, Buffer.from(commonName, "utf8")))));
}

/** A certificate, DER, signed with an EC key. */
export function writeCertificate(fields: CertificateFields, signer: KeyObject, digest: Digest = "sha256"): Uint8Array {
  const algorithm = sequence(oid(ecdsaWith[digest]));
  const serialNumber = randomBytes(16);
  serialNumber[0] = ((serialNumber[0] ?? 0) & 0x3f) | 0x40;
  const tbs = sequence(
    tlv(0xa0, integer(Uint8Array.of(2))),
    integer(serialNumber),
    algorithm,
    fields.issuer,
    sequence(time(fields.notBefore), time(fields.notAfter)),
    fields.subject,
    fields.spki,
    tlv(0xa3, sequence(...fields.extensions)),
  );
  return sequence(tbs, algorithm, bitString(sign(digest, tbs, signer)));
}
