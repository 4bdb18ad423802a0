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

/** Reads one header at `at`, checks that tag and length are DER (X.690 §10.1) and fit before `limit`; offset of the contents. */
function bodyOf(bytes: Uint8Array, at: number, limit: number): number {
  if (limit - at < 2) throw malformed("a value is cut off");
  if (((bytes[at] ?? 0) & 0x1f) === 0x1f) throw malformed("high tag numbers have no place in X.509");
  const first = bytes[at + 1] ?? 0;
  let body = at + 2;
  if (first >= 0x80) {
    const octets = first & 0x7f;
    if (octets === 0) throw malformed("indefinite length is not DER");
    if (octets > 4 || body + octets > limit) throw malformed("a length is too long");
    body += octets;
    if (lengthOf(bytes, at, body) < 0x80 || bytes[at + 2] === 0) throw malformed("a length is not minimal");
  }
  if (lengthOf(bytes, at, body) > limit - body) throw malformed("a value reaches beyond what contains it");
  return body;
}

/** Octets of contents by the header from `at` to `body`. Two numbers and no object for each of hundreds of values. */
function lengthOf(bytes: Uint8Array, at: number, body: number): number {
  if (body === at + 2) return bytes[at + 1] ?? 0;
  let length = 0;
  for (let i = at + 2; i < body; i++) length = length * 256 + (bytes[i] ?? 0);
  return length;
}

/** Length in octets of the first value in `bytes`, header included, without looking inside. @throws {X509Error} DER_MALFORMED */
export function firstValueLength(bytes: Uint8Array): number {
  const body = bodyOf(bytes, 0, bytes.length);
  return body + lengthOf(bytes, 0, body);
}

/**
 * The gate in front of every parser: `bytes` is exactly one DER value, at most `maxBytes` long, definite minimal lengths, minimal
 * INTEGER, BOOLEAN, BIT STRING and OID, primitive strings, at most 32 levels. Linear time. OCTET STRING contents and primitive
 * context tags are opaque here; their parsers call the gate again.
 * @throws {X509Error} TOO_LARGE, TOO_DEEP, DER_MALFORMED, DER_TRAILING
 */
export function assertDer(bytes: Uint8Array, maxBytes: number): void {
  if (bytes.length > maxBytes)
    throw new X509Error("TOO_LARGE", `${bytes.length} bytes of DER where at most ${maxBytes} are allowed`);
  const end = firstValueLength(bytes);
  if (end !== bytes.length)
    throw new X509Error("DER_TRAILING", `${bytes.length - end} bytes after the end of the DER value`);
  new Gate(bytes).pass(end);
}

class Gate {
  readonly #bytes: Uint8Array;
  #at = 0;
  #depth = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Goes over every value up to `end`, and what is in it: one level of the stack for one of at most 32 levels. */
  pass(end: number): void {
    const bytes = this.#bytes;
    while (this.#at < end) {
      const start = this.#at;
      const tag = bytes[start] ?? 0;
      const body = bodyOf(bytes, start, end);
      const next = body + lengthOf(bytes, start, body);
      if ((tag & 0x20) === 0) {
        if (tag < 0x40) assertPrimitive(bytes, tag, body, next);
        this.#at = next;
        continue;
      }
      if (tag < 0x40 && tag !== TAG.sequence && tag !== TAG.set) throw malformed("a constructed string is not DER");
      if (this.#depth === maxDepth) throw new X509Error("TOO_DEEP", `DER is nested deeper than ${maxDepth} levels`);
      this.#at = body;
      this.#depth++;
      this.pass(next);
      this.#depth--;
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

  /** Passes over the next member, which must have this tag; offset of its contents, which end where the reader now stands. */
  skip(tag: number, what: string): number {
    if (this.peek() !== tag) throw new X509Error("MALFORMED", `${what} is missing or has another type`);
    const body = bodyOf(this.#bytes, this.#at, this.#limit);
    this.#at = body + lengthOf(this.#bytes, this.#at, body);
    return body;
  }

  /** Contents of the next member. */
  contents(tag: number, what: string): Uint8Array {
    const body = this.skip(tag, what);
    return this.#bytes.subarray(body, this.#at);
  }

  /** The next member whole, header included. */
  element(tag: number, what: string): Uint8Array {
    const start = this.#at;
    this.skip(tag, what);
    return this.#bytes.subarray(start, this.#at);
  }

  /** A reader inside the next member. */
  enter(tag: number, what: string): DerReader {
    const body = this.skip(tag, what);
    return new DerReader(this.#bytes, body, this.#at);
  }

  oid(what: string): string {
    const body = this.skip(TAG.oid, what);
    return decodeOid(this.#bytes, body, this.#at);
  }

  boolean(what: string): boolean {
    return this.#bytes[this.skip(TAG.boolean, what)] === 0xff;
  }

  integer(what: string): bigint {
    const body = this.skip(TAG.integer, what);
    return decodeInteger(this.#bytes, body, this.#at);
  }

  /** Octets of a BIT STRING that must have no unused bits. */
  wholeBits(what: string): Uint8Array {
    const body = this.skip(TAG.bitString, what);
    if (this.#bytes[body] !== 0) throw new X509Error("MALFORMED", `${what} has unused bits`);
    return this.#bytes.subarray(body + 1, this.#at);
  }

  /** The reader must be at its end. */
  end(what: string): void {
    if (!this.done) throw new X509Error("MALFORMED", `${what} has members too many`);
  }
}

/** Two's complement contents octets, from `start` to before `end`, to a bigint. */
function decodeInteger(bytes: Uint8Array, start: number, end: number): bigint {
  const length = end - start;
  const value = BigInt(`0x${Buffer.from(bytes.buffer, bytes.byteOffset + start, length).toString("hex")}`);
  return ((bytes[start] ?? 0) & 0x80) === 0 ? value : value - (1n << BigInt(length * 8));
}
