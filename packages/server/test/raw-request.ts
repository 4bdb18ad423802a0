// SPDX-License-Identifier: Apache-2.0
import { type KeyObject, sign } from "node:crypto";

/** DER of one element; contents are concatenated. */
export function tlv(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(contents);
  if (body.length < 0x80) return Buffer.concat([Buffer.of(tag, body.length), body]);
  const digits = body.length.toString(16);
  const length = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, "hex");
  return Buffer.concat([Buffer.of(tag, 0x80 | length.length), length, body]);
}

export function seq(...contents: readonly Uint8Array[]): Buffer {
  return tlv(0x30, ...contents);
}

const hex = (text: string): Buffer => Buffer.from(text, "hex");
const extensionRequest = hex("06092a864886f70d01090e");
const ecdsaWithSha256 = seq(hex("06082a8648ce3d040302"));

/** An extension by the DER of its OID. */
function extension(oid: string, value: Uint8Array, critical = false): Buffer {
  return seq(hex(oid), ...(critical ? [hex("0101ff")] : []), tlv(0x04, value));
}

export function uriSan(...uris: readonly string[]): Buffer {
  return extension("0603551d11", seq(...uris.map((uri) => tlv(0x86, Buffer.from(uri)))));
}

/** basicConstraints cA=TRUE and keyUsage keyCertSign, cRLSign. */
export const caExtensions: readonly Buffer[] = [
  extension("0603551d13", seq(hex("0101ff")), true),
  extension("0603551d0f", hex("03020106"), true),
];

/** A Name of attributes given by the DER of their OIDs. */
export function name(...attributes: readonly (readonly [oid: string, text: string])[]): Buffer {
  return seq(...attributes.map(([oid, text]) => tlv(0x31, seq(hex(oid), tlv(0x0c, Buffer.from(text))))));
}

/** A PKCS#10 request of freely chosen parts, signed with an EC key. */
export function rawRequest(
  keys: { readonly publicKey: KeyObject; readonly privateKey: KeyObject },
  parts: {
    readonly subject?: Buffer;
    readonly extensionSets?: readonly (readonly Buffer[])[];
    readonly spki?: Uint8Array;
  } = {},
): Buffer {
  const { subject = seq(), extensionSets = [] } = parts;
  const spki = parts.spki ?? keys.publicKey.export({ type: "spki", format: "der" });
  const attributes = extensionSets.map((set) => seq(extensionRequest, tlv(0x31, seq(...set))));
  const info = seq(hex("020100"), subject, spki, tlv(0xa0, ...attributes));
  const signature = sign("sha256", info, keys.privateKey);
  return seq(info, ecdsaWithSha256, tlv(0x03, Buffer.concat([Buffer.of(0), signature])));
}
