// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { connect } from "node:net";
import { Duplex, duplexPair } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { healthService, type PeerConnection, type RpcChannel, RpcServer, served } from "../src/index.ts";
import { drain, LocalServer, rejection } from "./harness.ts";

const { Check, Watch } = healthService.methods;

describe("a connection", () => {
  it("is the one that each of its calls came over: 60 connections, 20 interleaved calls each, of both kinds", async () => {
    await using local = await LocalServer.health({
      async Check(_request, { peer }) {
        await sleep(Math.random() * 10);
        return { status: peer };
      },
      async *Watch(_request, { peer }) {
        for (let index = 0; index < 3; index++) {
          yield { status: peer };
          await sleep(Math.random() * 5);
        }
      },
    });
    const channels: RpcChannel[] = [];
    for (let index = 0; index < 60; index++) {
      const channel = local.open();
      // One after the other, so that the how-manieth connection it is is known.
      await channel.unary(Check, {});
      channels.push(channel);
    }
    const numbers = async (channel: RpcChannel): Promise<unknown[]> => {
      const unary = Array.from({ length: 10 }, () => channel.unary(Check, {}));
      const streams = Array.from({ length: 10 }, () => drain(channel.serverStream(Watch, {})));
      const answers = [await Promise.all(unary), ...(await Promise.all(streams)).map(({ items }) => items)].flat();
      return answers.map(({ status }) => status);
    };
    const seen = await Promise.all(channels.map(numbers));
    // Known enum values are named.
    const names: unknown[] = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"];
    for (const [index, answers] of seen.entries()) {
      expect(answers).toHaveLength(40);
      expect(new Set(answers)).toEqual(new Set([names[index + 1] ?? index + 1]));
    }
    expect([...local.server.connections]).toHaveLength(60);
  });

  it("is listed while it is open and reported when it is gone", async () => {
    const ended: [number, string | undefined][] = [];
    await using local = await LocalServer.health(
      { Check: () => ({}) },
      { onConnectionEnd: ({ peer }, reason) => void ended.push([peer, reason]) },
    );
    const channel = local.open();
    await channel.unary(Check, {});
    const [connection] = local.server.connections;
    expect(connection?.signal.aborted).toBe(false);
    channel.close();
    await expect.poll(() => ended).toEqual([[1, undefined]]);
    expect(connection?.signal.aborted).toBe(true);
    expect([...local.server.connections]).toEqual([]);
  });

  it("that is closed ends its calls with UNAVAILABLE, aborts handlers, and leaves others alone", async () => {
    const ended: (string | undefined)[] = [];
    const signals: AbortSignal[] = [];
    await using local = await LocalServer.health(
      {
        async *Watch(_request, { signal, connection }) {
          signals.push(signal, connection.signal);
          yield {};
          await once(signal, "abort");
        },
      },
      { onConnectionEnd: (_connection, reason) => void ended.push(reason) },
    );
    const first = local.open().serverStream(Watch, {});
    await first.next();
    const second = local.open().serverStream(Watch, {});
    await second.next();
    const [connection] = local.server.connections;
    connection?.close("certificate expired");
    connection?.close("again");
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true, false, false]);
    expect(await rejection(first.next())).toMatchObject({ code: 14, message: "the connection is being closed" });
    await expect.poll(() => ended).toEqual(["certificate expired"]);
    expect(signals[2]?.aborted).toBe(false);
    await second.return();
  });

  it("that is being closed takes no further call", async () => {
    let calls = 0;
    await using local = await LocalServer.health({ Check: () => ({ status: ++calls }) });
    const channel = local.open();
    await channel.unary(Check, {});
    for (const connection of local.server.connections) connection.close("over");
    await channel.unary(Check, {}).catch(() => undefined);
    // The second call, if it got through, came over a second connection.
    expect(calls).toBe(local.accepted);
  });

  it("whose client vanishes ends its calls", async () => {
    const reason = Promise.withResolvers<unknown>();
    await using local = await LocalServer.health({
      async *Watch(_request, { signal }) {
        signal.addEventListener("abort", () => reason.resolve(signal.reason));
        yield {};
        await once(signal, "abort");
      },
    });
    const channel = local.open();
    await channel.serverStream(Watch, {}).next();
    channel.close();
    expect(await reason.promise).toMatchObject({ code: 1 });
  });

  it("may be any duplex stream", async () => {
    const server = new RpcServer<string>({
      services: [served(healthService, { Check: (_request, { peer }) => ({ status: peer.length }) })],
    });
    const [client, accepted] = duplexPair();
    expect(accepted).toBeInstanceOf(Duplex);
    const connection: PeerConnection<string> = server.accept(accepted, "12345");
    // The first bytes of a server are its SETTINGS.
    client.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    client.write(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]));
    const [settings] = (await once(client, "data")) as [Buffer];
    expect(settings[3]).toBe(4);
    connection.close("done");
    await server.close(0);
  });

  it("that speaks no HTTP/2 is dropped", async () => {
    await using local = await LocalServer.health({});
    for (const text of ["GET / HTTP/1.1\r\n\r\n", "x".repeat(100), "\0".repeat(64)]) {
      const socket = connect(local.path);
      socket.on("error", () => undefined);
      socket.write(text);
      socket.resume();
      await once(socket, "close");
    }
    await expect.poll(() => [...local.server.connections].length).toBe(0);
  });
});

describe("many connections", () => {
  const many = 150;

  async function open(local: LocalServer): Promise<Promise<unknown>[]> {
    const streams = Array.from({ length: many }, () => local.open().serverStream(Watch, {}));
    await Promise.all(streams.map((stream) => stream.next()));
    return streams.map((stream) => rejection(stream.next()));
  }

  const waiting: Parameters<typeof LocalServer.health>[0] = {
    async *Watch(_request, { signal }) {
      yield {};
      await once(signal, "abort");
    },
  };

  it("that are closed at once all get their status, on a busy process as well", async () => {
    await using local = await LocalServer.health(waiting);
    const ends = await open(local);
    for (const connection of local.server.connections) connection.close("all");
    for (const until = Date.now() + 60; Date.now() < until; );
    for (const error of await Promise.all(ends))
      expect(error).toMatchObject({ code: 14, message: "the connection is being closed" });
  });

  it("of a server that closes all get their status", async () => {
    await using local = await LocalServer.health(waiting);
    const ends = await open(local);
    await local.server.close(2000);
    for (const error of await Promise.all(ends))
      expect(error).toMatchObject({ code: 14, message: "the server is shutting down" });
  });
});

describe("a server that closes", () => {
  it("ends streams with UNAVAILABLE at once, lets unary calls end, and takes no new connection", async () => {
    const local = await LocalServer.health({
      async Check() {
        await sleep(100);
        return { status: "SERVING" };
      },
      async *Watch(_request, { signal }) {
        yield {};
        await once(signal, "abort");
      },
    });
    const channel = local.open();
    const stream = channel.serverStream(Watch, {});
    await stream.next();
    const unary = channel.unary(Check, {});
    await sleep(20);
    const started = Date.now();
    const closed = local.server.close(3000);
    expect(await rejection(stream.next())).toMatchObject({ code: 14, message: "the server is shutting down" });
    expect(await unary).toEqual({ status: "SERVING" });
    await closed;
    expect(Date.now() - started).toBeLessThan(2000);
    expect(await rejection(local.open().unary(Check, {}))).toMatchObject({ code: 14 });
    await local[Symbol.asyncDispose]();
  });

  it("cuts what is left after the grace", async () => {
    const local = await LocalServer.health({ Check: () => new Promise<never>(() => undefined) });
    const call = rejection(local.open().unary(Check, {}));
    await expect.poll(() => [...local.server.connections].length).toBe(1);
    await sleep(20);
    await local.server.close(30);
    expect(await call).toMatchObject({ code: 14 });
    await local[Symbol.asyncDispose]();
  });

  it("tells a client of an old connection to come again, and loses no call", async () => {
    await using local = await LocalServer.health(
      { Check: (_request, { peer }) => ({ status: peer }) },
      { limits: { maxConnectionAgeMs: 60 } },
    );
    const channel = local.open();
    for (let index = 0; index < 40; index++) {
      await channel.unary(Check, {});
      await sleep(5);
    }
    expect(local.accepted).toBeGreaterThan(1);
  });
});
