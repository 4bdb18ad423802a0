// SPDX-License-Identifier: Apache-2.0
import type { KeyObject } from "node:crypto";
import { TAG } from "./der.ts";
import { bits, extension, oid, sequence, tlv } from "./der-writer.ts";
import { emptyName } from "./name.ts";
import { OID } from "./oid.ts";
import { exportPublicKey } from "./public-key.ts";
import { algorithmDer, signWith } from "./signature.ts";

/** What a request asks for. */
export interface RequestOptions {
  readonly keys: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
  readonly uris?: readonly string[] | undefined;
  readonly dnsNames?: readonly string[] | undefined;
}

const version1 = Uint8Array.of(TAG.integer, 1, 0);

/** Printable US-ASCII octets. @throws {RangeError} for any other character or an empty text */
function ia5Octets(text: string): Uint8Array {
  if (text === "" || /[^ -~]/.test(text)) throw new RangeError(`${JSON.stringify(text)} is not ASCII text`);
  return Buffer.from(text, "latin1");
}

/**
 * A PKCS#10 request, DER, with an empty subject and the names as subject alternative name (none: no extension), signed with the private
 * key: ECDSA with the hash of the curve's size, RSA with SHA-256, Ed25519.
 * @throws {TypeError} for a key that can't sign; {RangeError} for a name that is not ASCII
 */
export function createRequest({ keys, uris = [], dnsNames = [] }: RequestOptions): Uint8Array {
  const names = [
    ...uris.map((uri) => tlv(0x86, ia5Octets(uri))),
    ...dnsNames.map((name) => tlv(0x82, ia5Octets(name))),
  ];
  // RFC 5280 §4.2.1.6: critical, for the subject is empty.
  const extensions = names.length === 0 ? [] : [sequence(extension(OID.subjectAltName, true, sequence(...names)))];
  const attributes = extensions.map((value) => sequence(oid(OID.extensionRequest), tlv(TAG.set, value)));
  const info = sequence(version1, emptyName, exportPublicKey(keys.publicKey), tlv(0xa0, ...attributes));
  const { algorithm, signature } = signWith(keys.privateKey, info);
  return sequence(info, algorithmDer(algorithm), bits(signature));
}
