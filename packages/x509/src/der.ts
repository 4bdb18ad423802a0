// SPDX-License-Identifier: Apache-2.0
import { X509Error } from "./errors.ts";
import { decodeOid } from "./oid.ts";

/** Identifier octets of the types that X.509 uses. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

const maxDepth = 32;

const malformed = (message: string): X509Error => new X509Error("DER_MALFORMED", message);

function assertInteger(bytes: Uint8Array, start: number, end: number): void {
  if (start === end) throw malformed("an INTEGER has no octets");
  if (end - start === 1) return;
  const first = bytes[start] ?? 0;
  const negative = ((bytes[start + 1] ?? 0) & 0x80) !== 0;
  if ((first === 0x00 && !negative) || (first === 0xff && negative)) throw malformed("an INTEGER is not minimal");
}

function assertBitString(bytes: Uint8Array, start: number, end: number): void {
  if (start === end) throw malformed("a BIT STRING has no octets");
  const unused = bytes[start] ?? 0;
  if (unused > 7 || (unused > 0 && end - start === 1)) throw malformed("a BIT STRING has a wrong count of unused bits");
  if (unused > 0 && ((bytes[end - 1] ?? 0) & ((1 << unused) - 1)) !== 0)
    throw malformed("a BIT STRING has padding that is not zero");
}

function assertOid(bytes: Uint8Array, start: number, end: number): void {
  if (start === end || ((bytes[end - 1] ?? 0) & 0x80) !== 0) throw malformed("an OBJECT IDENTIFIER is cut off");
  let fresh = true;
  for (let at = start; at < end; at++) {
    const octet = bytes[at] ?? 0;
    if (fresh && octet === 0x80) throw malformed("an OBJECT IDENTIFIER is not minimal");
    fresh = (octet & 0x80) === 0;
  }
}

/** X.690 §8 and §10 to §11 for the contents of universal primitive types. */
function assertPrimitive(bytes: Uint8Array, tag: number, start: number, end: number): void {
  switch (tag) {
    case 0x00:
      throw malformed("end-of-contents octets are not DER");
    case TAG.boolean:
      if (end - start !== 1 || (bytes[start] !== 0x00 && bytes[start] !== 0xff))
        throw malformed("a BOOLEAN is not 00 or FF");
      return;
    case TAG.integer:
    case TAG.enumerated:
      assertInteger(bytes, start, end);
      return;
    case TAG.bitString:
      assertBitString(bytes, start, end);
      return;
    case TAG.null:
      if (start !== end) throw malformed("a NULL has contents");
      return;
    case TAG.oid:
      assertOid(bytes, start, end);
      return;
    case 0x10:
    case 0x11:
      throw malformed("a SEQUENCE or SET must be constructed");
    default:
  }
}

/** One tag-length-value: offsets into the buffer that it was read from. */
export interface Tlv {
  readonly tag: number;
  /** First octet of the tag. */
  readonly start: number;
  /** First octet of the contents. */
  readonly body: number;
  /** One past the last octet. */
  readonly end: number;
}

/** Reads one header at `at` and checks that tag and length are DER (X.690 §10.1) and fit before `limit`. */
function readHeader(bytes: Uint8Array, at: number, limit: number): Tlv {
  if (limit - at < 2) throw malformed("a value is cut off");
  const tag = bytes[at] ?? 0;
  if ((tag & 0x1f) === 0x1f) throw malformed("high tag numbers have no place in X.509");
  const first = bytes[at + 1] ?? 0;
  let body = at + 2;
  let length = first;
  if (first >= 0x80) {
    const octets = first & 0x7f;
    if (octets === 0) throw malformed("indefinite length is not DER");
    if (octets > 4 || body + octets > limit) throw malformed("a length is too long");
    length = 0;
    for (let i = 0; i < octets; i++) length = length * 256 + (bytes[body + i] ?? 0);
    if (length < 0x80 || bytes[body] === 0) throw malformed("a length is not minimal");
    body += octets;
  }
  if (length > limit - body) throw malformed("a value reaches beyond what contains it");
  return { tag, start: at, body, end: body + length };
}

/** Length in octets of the first value in `bytes`, header included, without looking inside. @throws {X509Error} DER_MALFORMED */
export function firstValueLength(bytes: Uint8Array): number {
  return readHeader(bytes, 0, bytes.length).end;
}

/**
 * The gate in front of every parser: `bytes` is exactly one DER value, at most `maxBytes` long, definite minimal lengths, minimal
 * INTEGER, BOOLEAN, BIT STRING and OID, primitive strings, at most 32 levels. Linear time, no recursion. OCTET STRING contents
 * and primitive context tags are opaque here; their parsers call the gate again.
 * @throws {X509Error} TOO_LARGE, TOO_DEEP, DER_MALFORMED, DER_TRAILING
 */
export function assertDer(bytes: Uint8Array, maxBytes: number): void {
  if (bytes.length > maxBytes)
    throw new X509Error("TOO_LARGE", `${bytes.length} bytes of DER where at most ${maxBytes} are allowed`);
  const outer = readHeader(bytes, 0, bytes.length);
  if (outer.end !== bytes.length)
    throw new X509Error("DER_TRAILING", `${bytes.length - outer.end} bytes after the end of the DER value`);
  const ends: number[] = [bytes.length];
  let at = 0;
  while (ends.length > 0) {
    const limit = ends[ends.length - 1] ?? 0;
    if (at === limit) {
      ends.pop();
      continue;
    }
    const tlv = readHeader(bytes, at, limit);
    if ((tlv.tag & 0x20) !== 0) {
      if (tlv.tag < 0x40 && tlv.tag !== TAG.sequence && tlv.tag !== TAG.set)
        throw malformed("a constructed string is not DER");
      if (ends.length > maxDepth) throw new X509Error("TOO_DEEP", `DER is nested deeper than ${maxDepth} levels`);
      ends.push(tlv.end);
      at = tlv.body;
    } else {
      if (tlv.tag < 0x40) assertPrimitive(bytes, tlv.tag, tlv.body, tlv.end);
      at = tlv.end;
    }
  }
}

/** Walks the members of a value that passed the gate. A missing or unexpected member is MALFORMED. */
export class DerReader {
  readonly #bytes: Uint8Array;
  readonly #limit: number;
  #at: number;

  constructor(bytes: Uint8Array, at = 0, limit: number = bytes.length) {
    this.#bytes = bytes;
    this.#at = at;
    this.#limit = limit;
  }

  /** Passes `bytes` through the gate and enters the SEQUENCE that it must be. */
  static sequence(bytes: Uint8Array, maxBytes: number, what: string): DerReader {
    assertDer(bytes, maxBytes);
    const reader = new DerReader(bytes);
    return reader.enter(TAG.sequence, what);
  }

  get done(): boolean {
    return this.#at >= this.#limit;
  }

  /** Tag of the next member; undefined at the end. */
  peek(): number | undefined {
    return this.done ? undefined : this.#bytes[this.#at];
  }

  /** The next member, which must have this tag. */
  read(tag: number, what: string): Tlv {
    if (this.peek() !== tag) throw new X509Error("MALFORMED", `${what} is missing or has another type`);
    const tlv = readHeader(this.#bytes, this.#at, this.#limit);
    this.#at = tlv.end;
    return tlv;
  }

  /** The next member, whatever it is. */
  readAny(what: string): Tlv {
    return this.read(this.peek() ?? -1, what);
  }

  /** Contents of the next member. */
  contents(tag: number, what: string): Uint8Array {
    const tlv = this.read(tag, what);
    return this.#bytes.subarray(tlv.body, tlv.end);
  }

  /** The next member whole, header included. */
  element(tag: number, what: string): Uint8Array {
    const tlv = this.read(tag, what);
    return this.#bytes.subarray(tlv.start, tlv.end);
  }

  /** A reader inside the next member. */
  enter(tag: number, what: string): DerReader {
    const tlv = this.read(tag, what);
    return new DerReader(this.#bytes, tlv.body, tlv.end);
  }

  oid(what: string): string {
    return decodeOid(this.contents(TAG.oid, what));
  }

  boolean(what: string): boolean {
    return this.contents(TAG.boolean, what)[0] === 0xff;
  }

  integer(what: string): bigint {
    return decodeInteger(this.contents(TAG.integer, what));
  }

  /** Octets of a BIT STRING that must have no unused bits. */
  wholeBits(what: string): Uint8Array {
    const contents = this.contents(TAG.bitString, what);
    if (contents[0] !== 0) throw new X509Error("MALFORMED", `${what} has unused bits`);
    return contents.subarray(1);
  }

  /** The reader must be at its end. */
  end(what: string): void {
    if (!this.done) throw new X509Error("MALFORMED", `${what} has members too many`);
  }
}

/** Two's complement contents octets to a bigint. */
function decodeInteger(octets: Uint8Array): bigint {
  const value = BigInt(`0x${Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString("hex")}`);
  return ((octets[0] ?? 0) & 0x80) === 0 ? value : value - (1n << BigInt(octets.length * 8));
}
