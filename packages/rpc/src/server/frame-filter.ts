// SPDX-License-Identifier: Apache-2.0
import { replaceAuthoritySlashes } from "./hpack-authority.ts";

/** RFC 9113 §3.4: what a client sends first. */
const prefaceLength = 24;
const headerLength = 9;
/** RFC 9113 §4.2: no peer may send more to a receiver that did not allow it. */
const maxFrameLength = 16_384;

const headersType = 1;
const flagEndHeaders = 0x4;
const flagPadded = 0x8;
const flagPriority = 0x20;

const nothing: Buffer = Buffer.alloc(0);

/**
 * Follows the frames of an HTTP/2 client and rewrites `:authority` in HEADERS frames (`replaceAuthoritySlashes`). Everything else
 * passes as it came, and so does anything odd. Holds at most one HEADERS frame back.
 */
export class FrameFilter {
  #pass = prefaceLength;
  #held: Buffer = nothing;
  #blind = false;
  #started = false;

  /** Whether the client spoke its first frame, which has to be SETTINGS (RFC 9113 §3.4). */
  get started(): boolean {
    return this.#started;
  }

  /** Takes what came and gives what may go on; the buffer given is used and changed. */
  push(chunk: Buffer): Buffer {
    if (this.#blind || chunk.length <= this.#pass) {
      this.#pass -= this.#blind ? 0 : chunk.length;
      return chunk;
    }
    const data = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = nothing;
    const end = this.#walk(data);
    if (end === data.length) return data;
    // A copy: the rest is small, and the chunk it came in is not ours to keep.
    this.#held = Buffer.from(data.subarray(end));
    return data.subarray(0, end);
  }

  /** Rewrites the frames in `data` and returns how much of it may go on. */
  #walk(data: Buffer): number {
    let at = this.#pass;
    while (at + headerLength <= data.length) {
      const length = data.readUIntBE(at, 3);
      if (length > maxFrameLength) {
        this.#blind = true;
        return data.length;
      }
      const end = at + headerLength + length;
      if (data[at + 3] === headersType) {
        if (end > data.length) break;
        rewriteHeaders(data.subarray(at, end));
      }
      at = end;
      this.#started = true;
    }
    if (at >= data.length) {
      this.#pass = at - data.length;
      return data.length;
    }
    this.#pass = 0;
    return at;
  }
}

function rewriteHeaders(frame: Buffer): void {
  const flags = frame[4] ?? 0;
  // A block that goes on in CONTINUATION frames is larger than 16 KiB or meant to be odd.
  if ((flags & flagEndHeaders) === 0) return;
  const padded = (flags & flagPadded) !== 0;
  const start = headerLength + (padded ? 1 : 0) + ((flags & flagPriority) === 0 ? 0 : 5);
  const end = frame.length - (padded ? (frame[headerLength] ?? 0) : 0);
  if (start < end) replaceAuthoritySlashes(frame.subarray(start, end));
}
