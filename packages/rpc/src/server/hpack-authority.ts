// SPDX-License-Identifier: Apache-2.0

const slash = 0x2f;
const dash = 0x2d;

/** A place in a header block. */
interface Cursor {
  readonly block: Buffer;
  at: number;
}

/** RFC 7541 §6: how each kind of field starts. */
type Field = { readonly kind: "indexed" | "table-size" } | { readonly kind: "literal"; readonly prefix: number };

function fieldOf(first: number): Field {
  if ((first & 0x80) !== 0) return { kind: "indexed" };
  if ((first & 0x40) !== 0) return { kind: "literal", prefix: 6 };
  if ((first & 0x20) !== 0) return { kind: "table-size" };
  return { kind: "literal", prefix: 4 };
}

/** RFC 7541 §5.1; undefined when it runs past the block or is larger than any that we need. */
function readInteger(cursor: Cursor, prefix: number): number | undefined {
  const mask = (1 << prefix) - 1;
  const first = cursor.block[cursor.at++];
  if (first === undefined) return undefined;
  let value = first & mask;
  if (value < mask) return value;
  for (let shift = 0; shift <= 14; shift += 7) {
    const next = cursor.block[cursor.at++];
    if (next === undefined) return undefined;
    value += (next & 0x7f) << shift;
    if ((next & 0x80) === 0) return value;
  }
  return undefined;
}

interface Text {
  readonly huffman: boolean;
  readonly bytes: Buffer;
}

/** RFC 7541 §5.2; the bytes are a view on the block. */
function readString(cursor: Cursor): Text | undefined {
  const huffman = ((cursor.block[cursor.at] ?? 0) & 0x80) !== 0;
  const length = readInteger(cursor, 7);
  if (length === undefined || cursor.at + length > cursor.block.length) return undefined;
  const bytes = cursor.block.subarray(cursor.at, cursor.at + length);
  cursor.at += length;
  return { huffman, bytes };
}

const plainName = Buffer.from(":authority");
const huffmanName = Buffer.from("b83b5339ec327d7f", "hex");

function isAuthority({ huffman, bytes }: Text): boolean {
  return bytes.equals(huffman ? huffmanName : plainName);
}

function replacePlain(bytes: Buffer): boolean {
  let found = false;
  for (let at = bytes.indexOf(slash); at !== -1; at = bytes.indexOf(slash, at + 1)) {
    bytes[at] = dash;
    found = true;
  }
  return found;
}

// RFC 7541 Appendix B is a canonical code: how many codes there are of each length tells where each code ends.
const codesOfLength: readonly number[] = [
  0, 0, 0, 0, 0, 10, 26, 32, 6, 0, 5, 3, 2, 6, 2, 3, 0, 0, 0, 3, 8, 13, 26, 29, 12, 4, 15, 19, 29, 0, 4,
];
/** `/` and `-` are neighbours of one length. */
const slashCode = 0b011000;
const dashCode = 0b010110;
const shortLength = 6;

function bitAt(bytes: Buffer, at: number): number {
  return ((bytes[at >> 3] ?? 0) >> (7 - (at & 7))) & 1;
}

/** Length in bits of the code that starts at `start`, and the code; undefined at the padding. */
function readCode(bytes: Buffer, start: number): { readonly length: number; readonly code: number } | undefined {
  let code = 0;
  let first = 0;
  for (let length = 1; length < codesOfLength.length && start + length <= bytes.length * 8; length++) {
    code = code * 2 + bitAt(bytes, start + length - 1);
    first *= 2;
    const count = codesOfLength[length] ?? 0;
    if (code < first + count) return { length, code };
    first += count;
  }
  return undefined;
}

function writeCode(bytes: Buffer, start: number, code: number): void {
  for (let bit = 0; bit < shortLength; bit++) {
    const at = start + bit;
    const mask = 0x80 >> (at & 7);
    const value = (code >> (shortLength - 1 - bit)) & 1;
    const before = bytes[at >> 3] ?? 0;
    bytes[at >> 3] = value === 1 ? before | mask : before & ~mask;
  }
}

function replaceHuffman(bytes: Buffer): boolean {
  let found = false;
  for (let at = 0; ; ) {
    const next = readCode(bytes, at);
    if (next === undefined) return found;
    if (next.length === shortLength && next.code === slashCode) {
      writeCode(bytes, at, dashCode);
      found = true;
    }
    at += next.length;
  }
}

/**
 * Writes `-` over each `/` in the values of literal `:authority` fields of a header block, in place: lengths stay, and the peer's
 * table holds under the same index what the reader stored. Returns whether something changed. A block that can't be walked is left
 * as it is from there on: the HTTP/2 library refuses it.
 */
export function replaceAuthoritySlashes(block: Buffer): boolean {
  const cursor: Cursor = { block, at: 0 };
  let changed = false;
  while (cursor.at < block.length) {
    const field = fieldOf(block[cursor.at] ?? 0);
    if (field.kind !== "literal") {
      if (readInteger(cursor, field.kind === "indexed" ? 7 : 5) === undefined) return changed;
      continue;
    }
    const index = readInteger(cursor, field.prefix);
    if (index === undefined) return changed;
    const name = index === 0 ? readString(cursor) : undefined;
    if (index === 0 && name === undefined) return changed;
    const value = readString(cursor);
    if (value === undefined) return changed;
    // RFC 7541 Appendix A: index 1 of the static table is :authority.
    if (index === 1 || (name !== undefined && isAuthority(name))) {
      changed = (value.huffman ? replaceHuffman(value.bytes) : replacePlain(value.bytes)) || changed;
    }
  }
  return changed;
}
