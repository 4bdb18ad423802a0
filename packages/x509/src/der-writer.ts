// SPDX-License-Identifier: Apache-2.0
import { TAG } from "./der.ts";
import { encodeOid } from "./oid.ts";

/**
 * Writes DER from the last octet to the first: when a header is due, the length of its contents is known, so nothing is measured
 * twice or moved. Members of a SEQUENCE are therefore written last first.
 */
export class BackwardsWriter {
  readonly #buffer: Uint8Array;
  #at: number;

  /** `capacity` octets; writing more throws a RangeError. */
  constructor(capacity: number) {
    this.#buffer = new Uint8Array(capacity);
    this.#at = capacity;
  }

  /** Octets written so far: take it before the contents, hand it to `header` after them. */
  get length(): number {
    return this.#buffer.length - this.#at;
  }

  /** Puts octets in front as they are. */
  bytes(octets: Uint8Array): void {
    this.#reserve(octets.length);
    this.#buffer.set(octets, this.#at);
  }

  /** Puts US-ASCII text in front. @throws {RangeError} for any other character */
  ascii(text: string): void {
    this.#reserve(text.length);
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) throw new RangeError(`${JSON.stringify(text)} is not ASCII`);
      this.#buffer[this.#at + i] = code;
    }
  }

  byte(octet: number): void {
    this.#reserve(1);
    this.#buffer[this.#at] = octet;
  }

  /** Tag and length for everything written since `mark`. */
  header(tag: number, mark: number): void {
    const length = this.length - mark;
    if (length < 0x80) {
      this.byte(length);
    } else {
      let octets = 0;
      for (let left = length; left > 0; left >>>= 8, octets++) this.byte(left & 0xff);
      this.byte(0x80 | octets);
    }
    this.byte(tag);
  }

  /** A copy of what was written; the writer can be used again after `reset`. */
  finish(): Uint8Array {
    return this.#buffer.slice(this.#at);
  }

  reset(): void {
    this.#at = this.#buffer.length;
  }

  #reserve(octets: number): void {
    if (octets > this.#at) throw new RangeError(`the value does not fit into ${this.#buffer.length} bytes`);
    this.#at -= octets;
  }
}

/** One TLV around the parts given, first to last. For everything that is not the hot path. */
export function tlv(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const writer = new BackwardsWriter(parts.reduce((sum, part) => sum + part.length, 6));
  for (let i = parts.length - 1; i >= 0; i--) writer.bytes(parts[i] ?? new Uint8Array());
  writer.header(tag, 0);
  return writer.finish();
}

/** SEQUENCE of the parts. */
export function sequence(...parts: readonly Uint8Array[]): Uint8Array {
  return tlv(TAG.sequence, ...parts);
}

/** OBJECT IDENTIFIER. */
export function oid(dotted: string): Uint8Array {
  return tlv(TAG.oid, encodeOid(dotted));
}

/** BIT STRING without unused bits. */
export function bits(octets: Uint8Array): Uint8Array {
  return tlv(TAG.bitString, Uint8Array.of(0), octets);
}

/** INTEGER from unsigned big-endian octets, made minimal and positive. */
export function unsignedInteger(octets: Uint8Array): Uint8Array {
  let from = 0;
  while (from < octets.length - 1 && octets[from] === 0) from++;
  const value = octets.subarray(from);
  return ((value[0] ?? 0) & 0x80) === 0 ? tlv(TAG.integer, value) : tlv(TAG.integer, Uint8Array.of(0), value);
}

/** An Extension (RFC 5280 §4.1): `critical` is only written when true, as DER wants of a default. */
export function extension(dotted: string, critical: boolean, value: Uint8Array): Uint8Array {
  const parts = critical ? [oid(dotted), Uint8Array.of(0x01, 0x01, 0xff)] : [oid(dotted)];
  return sequence(...parts, tlv(TAG.octetString, value));
}
