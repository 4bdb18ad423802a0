// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import { bitString, integer, octetString, oid, sequence, tlv } from "./der.ts";

/** Bits of KeyUsage, as numbered in RFC 5280 §4.2.1.3. */
export const keyUsageBit: Readonly<Record<"digitalSignature" | "keyAgreement" | "keyCertSign" | "crlSign", number>> = {
  digitalSignature: 0,
  keyAgreement: 4,
  keyCertSign: 5,
  crlSign: 6,
};

const yes = Uint8Array.of(0x01, 1, 0xff);

/** An Extension around the DER of its value. */
export function extension(dotted: string, isCritical: boolean, value: Uint8Array): Uint8Array {
  return sequence(oid(dotted), ...(isCritical ? [yes] : []), octetString(value));
}

export function basicConstraints(isCa: boolean, pathLength?: number): Uint8Array {
  const length = pathLength === undefined ? [] : [integer(Uint8Array.of(pathLength))];
  return extension("2.5.29.19", true, sequence(...(isCa ? [yes, ...length] : [])));
}

export function keyUsage(bits: readonly number[], isCritical = true): Uint8Array {
  const octet = bits.reduce((sum, bit) => sum | (0x80 >> bit), 0);
  return extension("2.5.29.15", isCritical, bitString(Uint8Array.of(octet), 7 - Math.max(...bits)));
}

export function extKeyUsage(purposes: readonly string[]): Uint8Array {
  return extension("2.5.29.37", false, sequence(...purposes.map((purpose) => oid(purpose))));
}

/** GeneralNames: URIs, then DNS names. */
export function subjectAltName(
  uris: readonly string[],
  dnsNames: readonly string[] = [],
  isCritical = true,
): Uint8Array {
  const names = [...uris.map((uri) => ia5(0x86, uri)), ...dnsNames.map((name) => ia5(0x82, name))];
  return extension("2.5.29.17", isCritical, sequence(...names));
}

/** Permits URIs whose host is `host` and nothing else (RFC 5280 §4.2.1.10). */
export function permittedUriHost(host: string): Uint8Array {
  return extension("2.5.29.30", true, sequence(tlv(0xa0, sequence(ia5(0x86, host)))));
}

export function subjectKeyId(spki: Uint8Array): Uint8Array {
  return extension("2.5.29.14", false, octetString(keyId(spki)));
}

export function authorityKeyId(issuerSpki: Uint8Array): Uint8Array {
  return extension("2.5.29.35", false, sequence(tlv(0x80, keyId(issuerSpki))));
}

function ia5(tag: number, text: string): Uint8Array {
  return tlv(tag, Buffer.from(text, "latin1"));
}

// Any identifier will do (RFC 7093 §2): issuer and subject only have to use the same.
function keyId(spki: Uint8Array): Uint8Array {
  return createHash("sha256").update(spki).digest().subarray(0, 20);
}
