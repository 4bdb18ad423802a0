// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { healthService } from "../src/index.ts";
import { LocalServer } from "./harness.ts";

const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(9);
  header.writeUIntBE(payload.length, 0, 3);
  header[3] = type;
  header[4] = flags;
  header.writeUInt32BE(stream, 5);
  return Buffer.concat([header, payload]);
}

function text(value: string): Buffer {
  return Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);
}

/** What grpc-java sends: POST, http, path as literals of indexed names; `authority` as given. */
function block(authority: Buffer): Buffer {
  return Buffer.concat([
    authority,
    Buffer.from([0x83, 0x86, 0x04]),
    text("/grpc.health.v1.Health/Check"),
    Buffer.from([0x0f, 0x10]),
    text("application/grpc"),
    Buffer.from([0x00]),
    text("te"),
    text("trailers"),
  ]);
}

const emptyMessage = Buffer.alloc(5);

class RawClient {
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

/** HEADERS, DATA, HEADERS. */
const answered = [1, 0, 1];

async function withServer(test: (client: RawClient) => Promise<void>): Promise<void> {
  await using local = await LocalServer.health({ Check: () => ({ status: "SERVING" }) });
  expect(healthService.name).toBe("grpc.health.v1.Health");
  const client = new RawClient(local.path);
  await client.open();
  try {
    await test(client);
  } finally {
    client.close();
  }
}

describe("a client that sends the path of its socket as :authority", () => {
  it("is served, with a literal that goes to the table and by index afterwards", () =>
    withServer(async (client) => {
      expect(await client.call(block(Buffer.concat([Buffer.from([0x41]), text("/run/agent.sock")])))).toEqual(answered);
      expect(await client.call(block(Buffer.from([0x80 | 62])))).toEqual(answered);
    }));

  it("is served, with literals that go to no table, and with the name spelled out", () =>
    withServer(async (client) => {
      expect(await client.call(block(Buffer.concat([Buffer.from([0x01]), text("/a/b")])))).toEqual(answered);
      expect(await client.call(block(Buffer.concat([Buffer.from([0x11]), text("/a/b")])))).toEqual(answered);
      expect(await client.call(block(Buffer.concat([Buffer.from([0x40]), text(":authority"), text("/a/b")])))).toEqual(
        answered,
      );
    }));

  it("is served when the bytes come one by one", () =>
    withServer(async (client) => {
      expect(await client.call(block(Buffer.concat([Buffer.from([0x41]), text("/run/agent.sock")])), 1)).toEqual(
        answered,
      );
      expect(await client.call(block(Buffer.from([0x80 | 62])), 3)).toEqual(answered);
    }));

  it("is served when the frame has padding and priority", () =>
    withServer(async (client) => {
      const headers = block(Buffer.concat([Buffer.from([0x41]), text("/run/agent.sock")]));
      const padding = [Buffer.from([4, 0, 0, 0, 0, 15]), Buffer.alloc(4)] as const;
      expect(await client.call(headers, 1000, 0x4 | 0x8 | 0x20, padding)).toEqual(answered);
    }));

  it("is refused by the HTTP/2 library when the block goes on in another frame", () =>
    withServer(async (client) => {
      const headers = block(Buffer.concat([Buffer.from([0x41]), text("/run/agent.sock")]));
      expect(await client.call(headers, 1000, 0)).not.toEqual(answered);
    }));

  it("other clients are untouched", () =>
    withServer(async (client) => {
      expect(await client.call(block(Buffer.concat([Buffer.from([0x41]), text("localhost")])))).toEqual(answered);
    }));
});
