// SPDX-License-Identifier: Apache-2.0
import { bad } from "./read-answer.ts";

const lengthDelimited = 2;
const maxVarintBytes = 10;
const utf8 = new TextDecoder("utf-8", { fatal: true });

/** A field that has bytes. */
export interface BytesField {
  readonly number: number;
  /** A view on the message. */
  readonly value: Buffer;
}

/**
 * The length-delimited fields of a protobuf message (texts, bytes, messages, entries of maps), in their order; those of other kinds are
 * skipped, as are unknown ones by whoever asks. Groups, which this contract has none of, are refused.
 * @throws {WorkloadApiError} BAD_RESPONSE
 */
export function* bytesFields(message: Buffer): Generator<BytesField, void, undefined> {
  const reader = new WireReader(message);
  while (!reader.atEnd) {
    const tag = reader.varint();
    const [number, wireType] = [Math.floor(tag / 8), tag % 8];
    if (number < 1 || tag > 0xffff_ffff) throw malformed();
    if (wireType === lengthDelimited) yield { number, value: reader.take(reader.varint()) };
    else if (wireType === 0) reader.varint();
    else if (wireType === 1) reader.take(8);
    else if (wireType === 5) reader.take(4);
    else throw malformed();
  }
}

/** UTF-8 of a text field. @throws {WorkloadApiError} BAD_RESPONSE */
export function textOf(value: Buffer): string {
  try {
    return utf8.decode(value);
  } catch {
    throw malformed();
  }
}

class WireReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  take(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw malformed();
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  /** Values beyond 2^53 lose their last bits: nothing here is that long. */
  varint(): number {
    let value = 0;
    for (let index = 0; index < maxVarintBytes; index++) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw malformed();
      value += (byte & 0x7f) * 2 ** (7 * index);
      if (byte < 0x80) return value;
    }
    throw malformed();
  }
}

function malformed(): Error {
  return bad("the answer is no message of the contract");
}
