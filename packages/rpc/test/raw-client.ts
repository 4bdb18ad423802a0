// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { expect } from "vitest";

const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/** One HTTP/2 frame. */
export function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(9);
  header.writeUIntBE(payload.length, 0, 3);
  header[3] = type;
  header[4] = flags;
  header.writeUInt32BE(stream, 5);
  return Buffer.concat([header, payload]);
}

/** A string as HPACK has it, not coded. */
export function text(value: string): Buffer {
  return Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);
}

/** Headers of a gRPC call as grpc-java writes them; `authority` as given. */
export function block(authority: Buffer, path = "/grpc.health.v1.Health/Check"): Buffer {
  return Buffer.concat([
    authority,
    Buffer.from([0x83, 0x86, 0x04]),
    text(path),
    Buffer.from([0x0f, 0x10]),
    text("application/grpc"),
    Buffer.from([0x00]),
    text("te"),
    text("trailers"),
  ]);
}

const emptyMessage = Buffer.alloc(5);

/** A client that writes its frames itself. */
export class RawClient {
  readonly #socket: Socket;
  #received = Buffer.alloc(0);
  #stream = -1;

  constructor(path: string) {
    this.#socket = connect(path);
    this.#socket.on("data", (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
    });
    this.#socket.on("error", () => undefined);
  }

  async open(): Promise<void> {
    await once(this.#socket, "connect");
    this.#socket.write(Buffer.concat([preface, frame(4, 0, 0, Buffer.alloc(0))]));
  }

  write(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  /** Sends a call in pieces of `size` bytes and tells how its stream ended: the types of the frames on it. */
  async call(
    headers: Buffer,
    size = 1 << 20,
    flags = 0x4,
    padding: readonly [Buffer, Buffer] = [Buffer.alloc(0), Buffer.alloc(0)],
  ): Promise<number[]> {
    this.#stream += 2;
    const bytes = Buffer.concat([
      frame(1, flags, this.#stream, Buffer.concat([padding[0], headers, padding[1]])),
      frame(0, 1, this.#stream, emptyMessage),
    ]);
    for (let at = 0; at < bytes.length; at += size) {
      this.#socket.write(bytes.subarray(at, at + size));
      await new Promise(setImmediate);
    }
    await expect.poll(() => this.#types().ended, { interval: 5 }).toBe(true);
    return this.#types().types;
  }

  #types(): { types: number[]; ended: boolean } {
    const types: number[] = [];
    let ended = this.#socket.closed;
    for (let at = 0; at + 9 <= this.#received.length; at += 9 + this.#received.readUIntBE(at, 3)) {
      if (this.#received.readUInt32BE(at + 5) !== this.#stream) continue;
      const type = this.#received[at + 3] ?? -1;
      types.push(type);
      ended ||= type === 3 || (type === 1 && ((this.#received[at + 4] ?? 0) & 1) === 1);
    }
    return { types, ended };
  }

  close(): void {
    this.#socket.destroy();
  }
}
