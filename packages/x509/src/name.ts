// SPDX-License-Identifier: Apache-2.0
import { TAG, type DerReader } from "./der.ts";
import { sequence, oid, tlv } from "./der-writer.ts";
import { X509Error } from "./errors.ts";
import { OID } from "./oid.ts";

/** One attribute of a distinguished name. */
export interface NameAttribute {
  /** Dotted. */
  readonly type: string;
  /** Tag of the string type. */
  readonly tag: number;
  /** Contents octets. */
  readonly value: Uint8Array;
}

/** A Name: relative distinguished names in encoded order, each a set of attributes (RFC 5280 §4.1.2.4). */
export type DistinguishedName = readonly (readonly NameAttribute[])[];

/** The members of a Name; the reader stands inside its SEQUENCE. @throws {X509Error} MALFORMED */
export function readName(reader: DerReader, what: string): DistinguishedName {
  const name: NameAttribute[][] = [];
  while (!reader.done) {
    const set = reader.enter(TAG.set, what);
    const attributes: NameAttribute[] = [];
    while (!set.done) {
      const attribute = set.enter(TAG.sequence, what);
      const type = attribute.oid(what);
      const tag = attribute.peek() ?? 0;
      attributes.push({ type, tag, value: attribute.contents(tag, what) });
      attribute.end(what);
    }
    if (attributes.length === 0) throw new X509Error("MALFORMED", `${what} has an empty RDN`);
    name.push(attributes);
  }
  return name;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const latin1 = new TextDecoder("latin1");

/** Text of an attribute value; undefined for a type that is no string or octets that do not fit it. */
export function attributeText(attribute: NameAttribute): string | undefined {
  const { tag, value } = attribute;
  if (tag === TAG.utf8String) {
    try {
      return utf8.decode(value);
    } catch {
      return undefined;
    }
  }
  if (tag === TAG.bmpString) {
    if (value.length % 2 !== 0) return undefined;
    let text = "";
    for (let i = 0; i < value.length; i += 2) text += String.fromCharCode(((value[i] ?? 0) << 8) | (value[i + 1] ?? 0));
    return text;
  }
  if (tag === TAG.printableString || tag === TAG.ia5String)
    return value.every((octet) => octet < 0x80) ? latin1.decode(value) : undefined;
  return tag === TAG.teletexString ? latin1.decode(value) : undefined;
}

const shortNames: Readonly<Record<string, string>> = {
  "2.5.4.3": "CN",
  "2.5.4.5": "serialNumber",
  "2.5.4.6": "C",
  "2.5.4.7": "L",
  "2.5.4.8": "ST",
  "2.5.4.9": "street",
  "2.5.4.10": "O",
  "2.5.4.11": "OU",
  "0.9.2342.19200300.100.1.1": "UID",
  "0.9.2342.19200300.100.1.25": "DC",
  "1.2.840.113549.1.9.1": "emailAddress",
};

function escapeText(text: string): string {
  return text
    .replaceAll(/["+,;<>\\]/g, String.raw`\$&`)
    .replace(/^[ #]/, String.raw`\$&`)
    .replace(/ $/, String.raw`\ `)
    .replaceAll(/\p{Cc}/gu, (character) => `\\${(character.codePointAt(0) ?? 0).toString(16).padStart(2, "0")}`);
}

/** Text for people in the manner of RFC 4514, last RDN first; never compare with it. */
export function nameText(name: DistinguishedName): string {
  const rdns = name.map((rdn) =>
    rdn
      .map((attribute) => {
        const text = attributeText(attribute);
        const value = text === undefined ? `#${Buffer.from(attribute.value).toString("hex")}` : escapeText(text);
        return `${shortNames[attribute.type] ?? attribute.type}=${value}`;
      })
      .join("+"),
  );
  return rdns.reverse().join(",");
}

/** The last CN, as text. */
export function nameCommonName(name: DistinguishedName): string | undefined {
  for (let i = name.length - 1; i >= 0; i--) {
    const attribute = name[i]?.find((candidate) => candidate.type === OID.commonName);
    if (attribute !== undefined) return attributeText(attribute);
  }
  return undefined;
}

/** The Name without any RDN. */
export const emptyName: Uint8Array = Uint8Array.of(TAG.sequence, 0);

const commonNameOid = oid(OID.commonName);

/** DER of a Name that is one CN as UTF8String. @throws {RangeError} when it is empty or over 64 characters (RFC 5280 appendix A.1) */
export function commonNameDer(commonName: string): Uint8Array {
  if (commonName === "" || commonName.length > 64) throw new RangeError("a common name has 1 to 64 characters");
  return sequence(tlv(TAG.set, sequence(commonNameOid, tlv(TAG.utf8String, Buffer.from(commonName, "utf8")))));
}
