// SPDX-License-Identifier: Apache-2.0
import { DerReader } from "./der.ts";
import { X509Error } from "./errors.ts";
import { readGeneralName, type GeneralName } from "./general-name.ts";

/** NameConstraints (RFC 5280 §4.2.1.10): subtrees in encoded order. */
export interface NameConstraints {
  readonly permitted: readonly GeneralName[];
  readonly excluded: readonly GeneralName[];
}

/** Contents of NameConstraints. @throws {X509Error} MALFORMED, also for a minimum or maximum, which RFC 5280 does not use */
export function parseNameConstraints(value: Uint8Array): NameConstraints {
  const reader = DerReader.sequence(value, value.length, "name constraints");
  const permitted = reader.peek() === 0xa0 ? readSubtrees(reader.enter(0xa0, "permitted subtrees")) : [];
  const excluded = reader.peek() === 0xa1 ? readSubtrees(reader.enter(0xa1, "excluded subtrees")) : [];
  reader.end("name constraints");
  if (permitted.length === 0 && excluded.length === 0) throw new X509Error("MALFORMED", "name constraints are empty");
  return { permitted, excluded };
}

function readSubtrees(reader: DerReader): GeneralName[] {
  const bases: GeneralName[] = [];
  while (!reader.done) {
    const subtree = reader.enter(0x30, "subtree");
    const base = readGeneralName(subtree, "subtree");
    subtree.end("subtree");
    if (base.kind === "ip" && base.value.length !== 8 && base.value.length !== 32) {
      throw new X509Error("MALFORMED", "an IP subtree has 8 or 32 octets");
    }
    bases.push(base);
  }
  if (bases.length === 0) throw new X509Error("MALFORMED", "name constraints have an empty list of subtrees");
  return bases;
}
