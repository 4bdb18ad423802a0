// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { type ClientHttp2Session, type ClientHttp2Stream, connect as connectHttp2, constants } from "node:http2";
import { connect, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { healthService } from "../src/index.ts";
import { drain, LocalServer } from "./harness.ts";

const { Check, Watch } = healthService.methods;
const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
const settings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);

function health(options: Parameters<typeof LocalServer.health>[1] = {}): Promise<LocalServer> {
  return LocalServer.health(
    {
      Check: () => ({ status: "SERVING" }),
      async *Watch(_request, { signal }) {
        yield {};
        await once(signal, "abort");
      },
    },
    options,
  );
}

async function stillServes(local: LocalServer): Promise<void> {
  expect(await local.open().unary(Check, {})).toEqual({ status: "SERVING" });
}

function session(local: LocalServer): ClientHttp2Session {
  const opened = connectHttp2("http://localhost", { createConnection: () => connect(local.path) });
  opened.on("error", () => undefined);
  return opened;
}

function request(opened: ClientHttp2Session, path: string, headers: Record<string, string> = {}): ClientHttp2Stream {
  const stream = opened.request({
    ":method": "POST",
    ":path": path,
    "content-type": "application/grpc",
    te: "trailers",
    ...headers,
  });
  stream.on("error", () => undefined);
  return stream;
}

/** grpc-status of a call with this body. */
async function statusOf(
  local: LocalServer,
  path: string,
  body: Buffer,
  headers: Record<string, string> = {},
): Promise<string> {
  const opened = session(local);
  const stream = request(opened, path, headers);
  const found = new Promise<string>((resolve) => {
    const read = (given: Record<string, unknown>): void => {
      if (given["grpc-status"] !== undefined) resolve(given["grpc-status"] as string);
    };
    stream.on("response", read);
    stream.on("trailers", read);
    stream.on("close", () => resolve(`closed ${stream.rstCode}`));
  });
  stream.resume();
  stream.end(body);
  const status = await found;
  opened.destroy();
  return status;
}

/** Resolves when it is closed, with an error or without. */
function closing(emitter: Socket | ClientHttp2Session): Promise<void> {
  return new Promise((resolve) => emitter.once("close", () => resolve()));
}

function raw(local: LocalServer): Socket {
  const socket = connect(local.path);
  socket.on("error", () => undefined);
  socket.resume();
  return socket;
}

describe("a server under attack", () => {
  it("NET-D01: closes a connection that opens and resets streams without end", async () => {
    await using local = await health();
    const opened = session(local);
    await once(opened, "connect");
    let count = 0;
    const flood = (): void => {
      for (let index = 0; index < 200 && !opened.destroyed && !opened.closed; index++) {
        if (++count > 20_000) return;
        request(opened, Watch.path).close(constants.NGHTTP2_CANCEL);
      }
      if (!opened.destroyed && !opened.closed) setImmediate(flood);
    };
    flood();
    await closing(opened);
    expect(count).toBeLessThan(20_000);
    await stillServes(local);
  });

  it("NET-D02: closes a connection whose header block never ends", async () => {
    await using local = await health();
    const socket = raw(local);
    const headers = Buffer.from([0, 0, 1, 1, 0, 0, 0, 0, 1, 0x83]);
    socket.write(Buffer.concat([preface, settings, headers]));
    const field = Buffer.concat([Buffer.from([0x00, 0x01, 0x61, 0x7f, 0x80, 0x07]), Buffer.alloc(1023, 0x62)]);
    const block = Buffer.concat(Array.from({ length: 15 }, () => field));
    const frame = Buffer.concat([Buffer.from([0, block.length >> 8, block.length & 0xff, 9, 0, 0, 0, 0, 1]), block]);
    let sent = 0;
    const flood = (): void => {
      while (!socket.destroyed && socket.write(frame)) sent += frame.length;
    };
    socket.on("drain", flood);
    flood();
    await closing(socket);
    expect(sent).toBeLessThan(20 * 1024 * 1024);
    await stillServes(local);
  });

  it("NET-D03: keeps no more calls open than it says", async () => {
    await using local = await health();
    const opened = session(local);
    await once(opened, "remoteSettings");
    expect(opened.remoteSettings.maxConcurrentStreams).toBe(100);
    opened.destroy();
  });

  it("NET-D04: takes no message of 4 GiB, and none that unpacks to more than 4 MiB", async () => {
    await using local = await health();
    expect(await statusOf(local, Check.path, Buffer.from([0, 0xff, 0xff, 0xff, 0xff, 1, 2, 3]))).toBe("8");
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    const head = Buffer.from([1, 0, 0, 0, 0]);
    head.writeUInt32BE(bomb.length, 1);
    expect(await statusOf(local, Check.path, Buffer.concat([head, bomb]), { "grpc-encoding": "gzip" })).toBe("8");
    await stillServes(local);
  });

  it("NET-D05: drops a client that does not begin", async () => {
    await using local = await health({ limits: { maxStartMs: 50 } });
    for (const beginning of [Buffer.alloc(0), preface.subarray(0, 10), preface]) {
      const socket = raw(local);
      socket.write(beginning);
      await closing(socket);
    }
    const good = local.open();
    await good.unary(Check, {});
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect([...local.server.connections]).toHaveLength(1);
  });

  it("drops a client that answers no probe", async () => {
    await using local = await health({ limits: { keepaliveMs: 30, keepaliveTimeoutMs: 30 } });
    const socket = raw(local);
    socket.write(Buffer.concat([preface, settings]));
    await closing(socket);
    await stillServes(local);
  });

  it("drops a client that has no call for long, and not one that has", async () => {
    await using local = await health({ limits: { maxConnectionIdleMs: 60 } });
    const busy = local.open();
    const stream = busy.serverStream(Watch, {});
    await stream.next();
    const idle = session(local);
    await closing(idle);
    await expect.poll(() => [...local.server.connections].length).toBe(1);
    await stream.return();
  });

  it("NET-D08, NET-D10: survives random bytes, alone and as frames", async () => {
    await using local = await health();
    const sockets = Array.from({ length: 60 }, (_value, index) => {
      const socket = raw(local);
      const frame = Buffer.concat([
        Buffer.from([0, 0, 40, index % 10, randomBytes(1)[0] ?? 0, 0, 0, 0, 1]),
        randomBytes(40),
      ]);
      socket.end(index % 2 === 0 ? randomBytes(500) : Buffer.concat([preface, settings, frame]));
      return socket;
    });
    await Promise.all(sockets.map(async (socket) => socket.closed || closing(socket)));
    await stillServes(local);
    await expect.poll(() => [...local.server.connections].length).toBe(1);
  });

  it.each([
    "/grpc.health.v1.health/Check",
    "//grpc.health.v1.Health/Check",
    "/grpc.health.v1.Health/Check/",
    "/grpc.health.v1.Health//Check",
    "/grpc.health.v1.Health/check",
    "/grpc.health.v1.Health/Check?x",
  ])("NET-D11: %s is UNIMPLEMENTED", async (path) => {
    await using local = await health();
    expect(await statusOf(local, path, Buffer.alloc(5))).toBe("12");
  });

  it("NET-D12: gives INTERNAL for a handler that throws at once or gives what can't be sent", async () => {
    await using local = await LocalServer.health({
      Check() {
        throw new RangeError("x");
      },
      Watch: (() => undefined) as never,
      List: () => ({ statuses: { a: { status: "NO_SUCH_STATUS" } } }) as never,
    });
    expect(await statusOf(local, Check.path, Buffer.alloc(5))).toBe("13");
    expect((await drain(local.open().serverStream(Watch, {}))).error).toMatchObject({ code: 13 });
  });

  it("takes one request where one is meant", async () => {
    await using local = await health();
    expect(await statusOf(local, Check.path, Buffer.alloc(10))).toBe("13");
    expect(await statusOf(local, Check.path, Buffer.alloc(0))).toBe("13");
    expect(await statusOf(local, Watch.path, Buffer.alloc(10))).toBe("13");
  });

  it("refuses what is no gRPC call", async () => {
    await using local = await health();
    const opened = session(local);
    const stream = opened.request({ ":method": "POST", ":path": Check.path, "content-type": "text/plain" });
    stream.on("error", () => undefined);
    const [headers] = (await once(stream, "response")) as [Record<string, unknown>];
    expect(headers[":status"]).toBe(415);
    opened.destroy();
  });
});
