// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import { bits, extension, oid, sequence, tlv, unsignedInteger } from "../src/der-writer.ts";
import type { LeafFields } from "../src/index.ts";
import { emptyName } from "../src/name.ts";
import { OID } from "../src/oid.ts";
import { algorithmDer } from "../src/signature.ts";
import { encodeTime } from "../src/time.ts";
import { type Authority, signLeaf } from "./authority.ts";

/** A leaf in pieces, each DER, so that a test can spoil one. Written without the leaf writer. */
export interface LeafParts {
  version: Uint8Array;
  serialNumber: Uint8Array;
  algorithm: Uint8Array;
  issuer: Uint8Array;
  notBefore: Uint8Array;
  notAfter: Uint8Array;
  subject: Uint8Array;
  spki: Uint8Array;
  extensions: Uint8Array[];
}

export const der: { readonly hex: (text: string) => Uint8Array } = {
  hex: (text) => new Uint8Array(Buffer.from(text, "hex")),
};

export function subjectAltName(names: readonly Uint8Array[], critical = true): Uint8Array {
  return extension(OID.subjectAltName, critical, sequence(...names));
}

export function uri(text: string): Uint8Array {
  return tlv(0x86, Buffer.from(text));
}

export function dns(text: string): Uint8Array {
  return tlv(0x82, Buffer.from(text));
}

export const good: Readonly<Record<"basicConstraints" | "keyUsage" | "extKeyUsage", Uint8Array>> = {
  basicConstraints: extension(OID.basicConstraints, true, sequence()),
  keyUsage: extension(OID.keyUsage, true, der.hex("03020780")),
  extKeyUsage: extension(OID.extKeyUsage, false, sequence(oid(OID.serverAuth), oid(OID.clientAuth))),
};

/** The pieces of the leaf of an EC key that the profile gives. `extensions` is in the order KU, EKU, BC, SKI, AKI, SAN. */
export function leafParts(fields: LeafFields, authority: Authority): LeafParts {
  const keyId = createHash("sha1").update(fields.spki.subarray(-65)).digest();
  return {
    version: der.hex("a003020102"),
    serialNumber: unsignedInteger(fields.serialNumber),
    algorithm: algorithmDer(OID.ecdsaWithSha256),
    issuer: authority.certificate.subjectDer,
    notBefore: encodeTime(fields.notBefore),
    notAfter: encodeTime(fields.notAfter),
    subject: emptyName,
    spki: fields.spki,
    extensions: [
      good.keyUsage,
      good.extKeyUsage,
      good.basicConstraints,
      extension(OID.subjectKeyIdentifier, false, tlv(0x04, keyId)),
      extension(
        OID.authorityKeyIdentifier,
        false,
        sequence(tlv(0x80, Buffer.from(authority.certificate.subjectKeyId ?? "", "hex"))),
      ),
      subjectAltName([uri(fields.uri)]),
    ],
  };
}

/** The pieces put together and signed. */
export function assemble(parts: LeafParts, authority: Authority): Uint8Array {
  const tbs = sequence(
    parts.version,
    parts.serialNumber,
    parts.algorithm,
    parts.issuer,
    sequence(parts.notBefore, parts.notAfter),
    parts.subject,
    parts.spki,
    ...(parts.extensions.length === 0 ? [] : [tlv(0xa3, sequence(...parts.extensions))]),
  );
  return sequence(tbs, parts.algorithm, bits(signLeaf(authority, tbs)));
}
