// SPDX-License-Identifier: Apache-2.0
import type { Duplex } from "node:stream";
import { LeaseError } from "../errors.ts";

/** Reads the beginning of a stream piece by piece and leaves the rest in it. */
export class ByteReader {
  readonly #stream: Duplex;
  readonly #deadline: AbortSignal;

  /** `timeoutMs` is for all that is read together. */
  constructor(stream: Duplex, timeoutMs: number) {
    this.#stream = stream;
    this.#deadline = AbortSignal.timeout(timeoutMs);
  }

  /** Up to a line feed, without it; UTF-8. @throws {LeaseError} BAD_REQUEST too long, too slow, or the stream ended */
  async line(maxBytes: number): Promise<string> {
    let seen = Buffer.alloc(0);
    for (;;) {
      const chunk = this.#stream.read() as Buffer | null;
      if (chunk === null) {
        await this.#more();
        continue;
      }
      seen = Buffer.concat([seen, chunk]);
      const end = seen.indexOf(0x0a);
      if ((end === -1 ? seen.length : end) > maxBytes) throw bad(`a line has at most ${maxBytes} bytes`);
      if (end === -1) continue;
      if (end + 1 < seen.length) this.#stream.unshift(seen.subarray(end + 1));
      return seen.subarray(0, end).toString("utf8");
    }
  }

  /** Exactly so many, at least one. @throws as `line` */
  async bytes(count: number): Promise<Buffer> {
    for (;;) {
      const chunk = this.#stream.read(count) as Buffer | null;
      if (chunk?.length === count) return chunk;
      // Less than was asked for is all that there will ever be.
      if (chunk !== null) throw bad("the connection ended");
      await this.#more();
    }
  }

  async #more(): Promise<void> {
    const stream = this.#stream;
    if (stream.readableEnded || stream.destroyed) throw bad("the connection ended");
    await new Promise<void>((resolve, reject) => {
      const settle = (action: () => void) => (): void => {
        for (const event of ["readable", "end", "close", "error"]) stream.off(event, listeners[event] ?? resolve);
        this.#deadline.removeEventListener("abort", late);
        action();
      };
      const ended = settle(() => reject(bad("the connection ended")));
      const listeners: Record<string, () => void> = {
        readable: settle(resolve),
        end: ended,
        close: ended,
        error: ended,
      };
      const late = settle(() => reject(bad("the request took too long")));
      for (const [event, listener] of Object.entries(listeners)) stream.on(event, listener);
      this.#deadline.addEventListener("abort", late);
      if (this.#deadline.aborted) late();
    });
  }
}

function bad(message: string): LeaseError {
  return new LeaseError("BAD_REQUEST", message);
}
