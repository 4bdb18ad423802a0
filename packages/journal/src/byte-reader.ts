// SPDX-License-Identifier: Apache-2.0
import { JournalError } from "./errors.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads big-endian fields one after the other; never beyond the end. @throws {JournalError} BATCH_MALFORMED from every method */
export class ByteReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  u8(): number {
    return this.bytes(1).readUInt8();
  }

  u32(): number {
    return this.bytes(4).readUInt32BE();
  }

  /** At most 2^53 - 1. */
  u64(): number {
    const value = this.bytes(8).readBigUInt64BE();
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new JournalError("BATCH_MALFORMED", "a number is too large");
    return Number(value);
  }

  /** A view of the next bytes. */
  bytes(count: number): Buffer {
    if (count > this.left) throw new JournalError("BATCH_MALFORMED", "the batch ends in the middle of an intent");
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  /** Length as u16, then UTF-8. */
  text(maxBytes: number): string {
    const length = this.bytes(2).readUInt16BE();
    if (length > maxBytes) throw new JournalError("BATCH_MALFORMED", `a text has ${String(length)} bytes`);
    const bytes = this.bytes(length);
    try {
      return utf8.decode(bytes);
    } catch (cause) {
      throw new JournalError("BATCH_MALFORMED", "a text is not UTF-8", { cause });
    }
  }
}
