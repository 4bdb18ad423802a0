// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import {
  Certificate,
  createCaCertificate,
  type LeafFields,
  type LeafSignatureAlgorithm,
  LeafWriter,
  randomSerialNumber,
} from "../src/index.ts";

export interface Keys {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

export function ecKeys(namedCurve = "P-256"): Keys {
  return generateKeyPairSync("ec", { namedCurve });
}

export function spkiOf({ publicKey }: Keys): Uint8Array {
  return new Uint8Array(publicKey.export({ format: "der", type: "spki" }));
}

/** A self-signed authority with its keys, and what it signs leaves with. */
export interface Authority {
  readonly certificate: Certificate;
  readonly keys: Keys;
  readonly signatureAlgorithm: LeafSignatureAlgorithm;
}

export async function openAuthority(
  keys: Keys = ecKeys(),
  signatureAlgorithm: LeafSignatureAlgorithm = "ecdsa-with-SHA256",
  trustDomainUri = "spiffe://example.org",
): Promise<Authority> {
  const notBefore = new Date("2020-01-01T00:00:00Z");
  const notAfter = new Date("2100-01-01T00:00:00Z");
  const der = await createCaCertificate({
    keys,
    trustDomainUri,
    serialNumber: randomSerialNumber(),
    notBefore,
    notAfter,
  });
  return { certificate: Certificate.parse(der), keys, signatureAlgorithm };
}

const hashes: Readonly<Record<LeafSignatureAlgorithm, string>> = {
  "ecdsa-with-SHA256": "sha256",
  "ecdsa-with-SHA384": "sha384",
  sha256WithRSAEncryption: "sha256",
};

/** The signature that the authority makes over `tbs`. */
export function signLeaf({ keys, signatureAlgorithm }: Authority, tbs: Uint8Array): Uint8Array {
  return sign(hashes[signatureAlgorithm], tbs, keys.privateKey);
}

/** A leaf, DER, as the writer writes it. */
export function issue(authority: Authority, fields: LeafFields): Uint8Array {
  const writer = new LeafWriter(authority);
  const tbs = writer.tbs(fields);
  return writer.certificate(tbs, signLeaf(authority, tbs));
}

/** Ordinary fields where none are given. */
export function leafFields(spki: Uint8Array, fields: Partial<LeafFields> = {}): LeafFields {
  return {
    serialNumber: randomSerialNumber(),
    spki,
    uri: "spiffe://example.org/web",
    dnsNames: [],
    notBefore: new Date("2026-11-24T12:00:00Z"),
    notAfter: new Date("2026-11-24T12:10:00Z"),
    ...fields,
  };
}
