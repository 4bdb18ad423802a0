// SPDX-License-Identifier: Apache-2.0
import { DerReader, TAG } from "./der.ts";
import { X509Error } from "./errors.ts";
import { readName, type DistinguishedName } from "./name.ts";

/** One GeneralName (RFC 5280 §4.2.1.6). Text forms are IA5String as encoded; `ip` holds 4 or 16 octets (8 or 32 in a name constraint). */
export type GeneralName =
  | { readonly kind: "uri" | "dns" | "email"; readonly value: string }
  | { readonly kind: "ip"; readonly value: Uint8Array }
  | { readonly kind: "directory"; readonly value: DistinguishedName }
  | { readonly kind: "other"; readonly tag: number };

const textKinds: Readonly<Record<number, "uri" | "dns" | "email">> = { 0x81: "email", 0x82: "dns", 0x86: "uri" };
const otherTags: ReadonlySet<number> = new Set([0xa0, 0xa3, 0xa5, 0x88]);

function ia5(octets: Uint8Array, what: string): string {
  for (let at = 0; at < octets.length; at++) {
    if ((octets[at] ?? 0) > 0x7f) throw new X509Error("MALFORMED", `${what} is not ASCII`);
  }
  return Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString("latin1");
}

/** The next GeneralName of the reader. @throws {X509Error} MALFORMED */
export function readGeneralName(reader: DerReader, what: string): GeneralName {
  const tag = reader.peek() ?? -1;
  const kind = textKinds[tag];
  if (kind !== undefined) return { kind, value: ia5(reader.contents(tag, what), what) };
  if (tag === 0x87) return { kind: "ip", value: reader.contents(tag, what) };
  if (tag === 0xa4) {
    const explicit = reader.enter(tag, what);
    const value = readName(explicit.enter(TAG.sequence, what), what);
    explicit.end(what);
    return { kind: "directory", value };
  }
  if (!otherTags.has(tag)) throw new X509Error("MALFORMED", `${what} has an unknown kind of name`);
  reader.skip(tag, what);
  return { kind: "other", tag };
}

/** GeneralNames, DER: at least one (RFC 5280 §4.2.1.6), no URI, DNS name or address that is empty. */
export function parseGeneralNames(der: Uint8Array, maxBytes: number, what: string): GeneralName[] {
  const reader = DerReader.sequence(der, maxBytes, what);
  const names: GeneralName[] = [];
  while (!reader.done) {
    const name = readGeneralName(reader, what);
    if (name.kind === "ip" && name.value.length !== 4 && name.value.length !== 16) {
      throw new X509Error("MALFORMED", `${what} has an IP address of ${name.value.length} octets`);
    }
    if (name.kind !== "other" && name.kind !== "directory" && name.value.length === 0) {
      throw new X509Error("MALFORMED", `${what} has an empty name`);
    }
    names.push(name);
  }
  if (names.length === 0) throw new X509Error("MALFORMED", `${what} has no name`);
  return names;
}

/** The values of one kind, in encoded order. */
export function textNames(names: readonly GeneralName[], kind: "uri" | "dns"): string[] {
  const values: string[] = [];
  for (const name of names) if (name.kind === kind) values.push(name.value);
  return values;
}
