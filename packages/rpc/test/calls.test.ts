// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { Client, credentials } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import {
  type CallContext,
  Encoded,
  encodeResponse,
  entryService,
  healthService,
  RpcChannel,
  served,
  StatusError,
} from "../src/index.ts";
import { drain, LocalServer, type Peer, rejection } from "./harness.ts";
import { block, frame, RawClient, text } from "./raw-client.ts";

const { Check, List, Watch } = healthService.methods;
const { SyncAuthorizedEntries } = entryService.methods;

const never = new Promise<never>(() => undefined);

describe("a unary call", () => {
  it("gets the handler's answer", async () => {
    await using local = await LocalServer.health({
      Check: ({ service }) => ({ status: service === "a" ? "SERVING" : "UNKNOWN" }),
    });
    expect(await local.open().unary(Check, { service: "a" })).toEqual({ status: "SERVING" });
  });

  it("gets code and text of a StatusError", async () => {
    await using local = await LocalServer.health({
      Check() {
        throw new StatusError(5, "no such thing: \u00e4 % \n \ud800");
      },
    });
    expect(await rejection(local.open().unary(Check, {}))).toMatchObject({
      code: 5,
      message: "no such thing: \u00e4 % \n \ufffd",
    });
  });

  it("gets INTERNAL without a word of what the handler threw, which goes to onError", async () => {
    const seen: unknown[] = [];
    const thrown = new RangeError("secret");
    await using local = await LocalServer.health(
      { Check: () => Promise.reject(thrown), List: () => Promise.reject(thrown) },
      {
        onError(context, error) {
          seen.push(context.path, error);
          if (context.path.endsWith("List")) throw new Error("the reporter is broken, too");
          return new StatusError(13, "internal error");
        },
      },
    );
    const channel = local.open();
    expect(await rejection(channel.unary(Check, {}))).toMatchObject({ code: 13, message: "internal error" });
    expect(await rejection(channel.unary(List, {}))).toMatchObject({ code: 13, message: "internal error" });
    expect(seen).toEqual(["/grpc.health.v1.Health/Check", thrown, "/grpc.health.v1.Health/List", thrown]);
  });

  it("carries metadata, and a deadline that ends the handler, too", async () => {
    let context: CallContext<Peer> | undefined;
    await using local = await LocalServer.health({
      Check(_request, given) {
        context = given;
        return never;
      },
    });
    const channel = local.open({ metadata: { "workload.spiffe.io": "true" } });
    const before = Date.now();
    const error = await rejection(channel.unary(Check, {}, { timeoutMs: 100, metadata: { other: "1" } }));
    expect(error).toMatchObject({ code: 4 });
    expect(context?.metadata.getMap()).toMatchObject({ "workload.spiffe.io": "true", other: "1" });
    expect(context?.deadline?.getTime()).toBeGreaterThan(before + 50);
    await expect.poll(() => context?.signal.aborted).toBe(true);
    // The client gives up at the same moment: whichever the server notices first.
    expect(context?.signal.reason).toMatchObject({ code: expect.toBeOneOf([1, 4]) });
  });

  it("that is aborted rejects with the signal's reason and aborts the handler", async () => {
    const started = Promise.withResolvers<CallContext<Peer>>();
    await using local = await LocalServer.health({
      Check(_request, context) {
        started.resolve(context);
        return never;
      },
    });
    const abort = new AbortController();
    const call = local.open().unary(Check, {}, { signal: abort.signal });
    const { signal } = await started.promise;
    abort.abort(new Error("changed my mind"));
    expect(await rejection(call)).toMatchObject({ message: "changed my mind" });
    await expect.poll(() => signal.aborted).toBe(true);
    expect(signal.reason).toMatchObject({ code: 1 });
    expect(await rejection(local.open().unary(Check, {}, { signal: abort.signal }))).toBe(abort.signal.reason);
  });

  it("is over for its handler's signal when it was answered", async () => {
    let signal: AbortSignal | undefined;
    await using local = await LocalServer.health({
      Check(_request, context) {
        signal = context.signal;
        return {};
      },
    });
    await local.open().unary(Check, {});
    expect(signal?.aborted).toBe(true);
  });

  it("to a socket that is not there fails with UNAVAILABLE at once", async () => {
    using channel = RpcChannel.open({ address: "unix:///nowhere/x.sock" });
    expect(await rejection(channel.unary(Check, {}))).toMatchObject({ code: 14 });
  });

  it("reaches a server that comes back, soon", async () => {
    const first = await LocalServer.health({ Check: () => ({}) });
    const channel = RpcChannel.open({ address: `unix://${first.path}` });
    await channel.unary(Check, {});
    for (const connection of first.server.connections) connection.close("restart");
    const again = () =>
      channel.unary(Check, {}).then(
        () => true,
        () => false,
      );
    await expect.poll(again, { timeout: 2000 }).toBe(true);
    expect(first.accepted).toBe(2);
    channel.close();
    await first[Symbol.asyncDispose]();
  });
});

describe("a call to what is not served", () => {
  it.each([
    ["/grpc.health.v1.Health/Nope", "unknown method Nope for service grpc.health.v1.Health"],
    ["/no.Such/Method", "unknown service no.Such"],
    ["/a/b/c", "unknown service a/b"],
    ["/Method", 'malformed method name: "/Method"'],
    ["/grpc.health.v1.Health/List", "method List not implemented"],
  ])("%s is UNIMPLEMENTED: %s", async (path, text) => {
    await using local = await LocalServer.health(
      { Check: () => ({}) },
      { admit: ({ path }) => expect(path).toMatch(/Health\/(Check|List)$/) },
    );
    const client = new Client(`unix://${local.path}`, credentials.createInsecure());
    const bytes = (buffer: Buffer): Buffer => buffer;
    const error = await new Promise((resolve) => client.makeUnaryRequest(path, bytes, bytes, Buffer.alloc(0), resolve));
    client.close();
    expect(error).toMatchObject({ code: 12, details: text });
  });

  it("admit refuses before the request is read, for methods that are not implemented as well", async () => {
    await using local = await LocalServer.health(
      { Check: () => ({}) },
      {
        reflection: true,
        admit({ metadata }) {
          if (metadata.get("workload.spiffe.io").length === 0)
            throw new StatusError(3, "security header missing from request");
        },
      },
    );
    const refused = { code: 3, message: "security header missing from request" };
    expect(await rejection(local.open().unary(Check, {}))).toMatchObject(refused);
    expect(await rejection(local.open().unary(List, {}))).toMatchObject(refused);
    expect((await drain(local.open().serverStream(Watch, {}))).error).toMatchObject(refused);
    expect(await local.open({ metadata: { "workload.spiffe.io": "true" } }).unary(Check, {})).toEqual({
      status: "UNKNOWN",
    });
  });
});

describe("a stream of responses", () => {
  it("gives each message, then the status", async () => {
    await using local = await LocalServer.health({
      async *Watch() {
        yield { status: "SERVING" };
        yield { status: "NOT_SERVING" };
        throw new StatusError(7, "no identity issued");
      },
    });
    const { items, error } = await drain(local.open().serverStream(Watch, {}));
    expect(items).toEqual([{ status: "SERVING" }, { status: "NOT_SERVING" }]);
    expect(error).toMatchObject({ code: 7, message: "no identity issued" });
  });

  it("ends when the generator ends", async () => {
    await using local = await LocalServer.health({
      async *Watch() {
        yield {};
      },
    });
    expect(await drain(local.open().serverStream(Watch, {}))).toEqual({
      items: [{ status: "UNKNOWN" }],
      error: undefined,
    });
  });

  it("takes a message that was encoded once for many", async () => {
    const encoded = encodeResponse(Watch, { status: "SERVING" });
    expect(encoded).toBeInstanceOf(Encoded);
    await using local = await LocalServer.health({
      Check: () => encoded,
      async *Watch() {
        yield encoded;
        yield encoded;
      },
    });
    const channel = local.open();
    expect((await drain(channel.serverStream(Watch, {}))).items).toEqual([
      { status: "SERVING" },
      { status: "SERVING" },
    ]);
    expect(await channel.unary(Check, {})).toEqual({ status: "SERVING" });
  });

  it("returns the generator when the caller leaves its loop", async () => {
    const returned = Promise.withResolvers<void>();
    await using local = await LocalServer.health({
      async *Watch(_request, { signal }) {
        try {
          yield {};
          await new Promise((_resolve, reject) => {
            signal.addEventListener("abort", () => reject(signal.reason as Error));
          });
        } finally {
          returned.resolve();
        }
      },
    });
    for await (const _message of local.open().serverStream(Watch, {})) break;
    await returned.promise;
  });

  it("is ended by end() while the generator waits, with details", async () => {
    let finished = false;
    const context = Promise.withResolvers<CallContext<Peer>>();
    const release = Promise.withResolvers<void>();
    await using local = await LocalServer.health({
      async *Watch(_request, given) {
        try {
          yield {};
          context.resolve(given);
          await release.promise;
          yield {};
        } finally {
          finished = true;
        }
      },
    });
    const reading = drain(local.open().serverStream(Watch, {}));
    (await context.promise).end(
      new StatusError(7, "no identity issued", [{ typeUrl: "type.googleapis.com/x.Y", value: Buffer.from([8, 1]) }]),
    );
    const { items, error } = await reading;
    expect(items).toHaveLength(1);
    expect(error).toMatchObject({
      code: 7,
      details: [{ typeUrl: "type.googleapis.com/x.Y", value: Buffer.from([8, 1]) }],
    });
    const { signal } = await context.promise;
    expect(signal.reason).toMatchObject({ code: 7 });
    release.resolve();
    await expect.poll(() => finished).toBe(true);
  });

  it("asks the generator for no more than the caller takes", async () => {
    let produced = 0;
    await using local = await LocalServer.health({
      async *Watch() {
        for (;;) {
          produced++;
          yield new Encoded(padding(100_000)) as never;
        }
      },
    });
    for await (const _message of local.open().serverStream(Watch, {})) {
      // Until it comes to rest.
      for (let before = -1; before !== produced; await sleep(100)) before = produced;
      expect(produced).toBeLessThan(25);
      break;
    }
  });

  it("that a stuck peer does not take costs it the connection", async () => {
    const ended: (string | undefined)[] = [];
    let produced = 0;
    const context = Promise.withResolvers<CallContext<Peer>>();
    await using local = await LocalServer.health(
      {
        async *Watch(_request, given) {
          context.resolve(given);
          for (; ; produced++) yield new Encoded(padding(100_000)) as never;
        },
      },
      { limits: { maxEndMs: 50 }, onConnectionEnd: (_connection, reason) => void ended.push(reason) },
    );
    const stream = local.open().serverStream(Watch, {});
    await stream.next();
    for (let before = -1; before !== produced; await sleep(50)) before = produced;
    (await context.promise).end(new StatusError(7, "over"));
    await expect.poll(() => ended).toEqual(["a peer took no more data"]);
    await stream.return().catch(() => undefined);
  });
});

/** An unknown field 15 of `length` bytes or so. */
function padding(length: number): Buffer {
  const size = Buffer.from([(length & 0x7f) | 0x80, ((length >> 7) & 0x7f) | 0x80, (length >> 14) & 0x7f]);
  return Buffer.concat([Buffer.from([0x7a]), size, Buffer.alloc(length)]);
}

describe("streams in both directions", () => {
  it("answer each request as it comes", async () => {
    await using local = await LocalServer.start({
      services: [
        served(entryService, {
          async *SyncAuthorizedEntries(requests) {
            let count = 0;
            for await (const { ids } of requests) yield { more: ++count > 1, entries: ids.map((id) => ({ id })) };
          },
        }),
      ],
    });
    async function* requests() {
      yield { ids: ["a"] };
      await sleep(5);
      yield { ids: ["b", "c"] };
    }
    const { items, error } = await drain(local.open().bidi(SyncAuthorizedEntries, requests()));
    expect(error).toBeUndefined();
    expect(items.map(({ entries }) => entries.map(({ id }) => id))).toEqual([["a"], ["b", "c"]]);
  });

  it("read no more requests than the handler asks for", async () => {
    let sent = 0;
    await using local = await LocalServer.start({
      services: [
        served(entryService, {
          // oxlint-disable-next-line require-yield -- it only reads
          async *SyncAuthorizedEntries(requests) {
            for await (const _request of requests) await never;
          },
        }),
      ],
    });
    async function* requests() {
      for (;;) {
        sent++;
        yield { ids: ["x".repeat(100_000)] };
      }
    }
    const abort = new AbortController();
    const reading = drain(local.open().bidi(SyncAuthorizedEntries, requests(), { signal: abort.signal }));
    await expect.poll(() => sent).toBeGreaterThan(1);
    for (let before = -1; before !== sent; await sleep(100)) before = sent;
    expect(sent).toBeLessThan(60);
    abort.abort(new Error("enough"));
    expect((await reading).error).toMatchObject({ message: "enough" });
  });

  it("end the handler's reading with CANCELLED when the caller resets the stream", async () => {
    const waiting = Promise.withResolvers<void>();
    const read = Promise.withResolvers<unknown>();
    await using local = await LocalServer.start({
      services: [
        served(entryService, {
          async *SyncAuthorizedEntries(requests) {
            try {
              for await (const _request of requests) {
                yield {};
                waiting.resolve();
              }
              read.resolve("half-closed");
            } catch (error) {
              read.resolve(error);
            }
          },
        }),
      ],
    });
    const client = new RawClient(local.path);
    await client.open();
    client.write(
      frame(1, 4, 1, block(Buffer.concat([Buffer.from([0x01]), text("localhost")]), SyncAuthorizedEntries.path)),
    );
    client.write(frame(0, 0, 1, Buffer.alloc(5)));
    await waiting.promise;
    client.write(frame(3, 0, 1, Buffer.from([0, 0, 0, 8])));
    expect(await read.promise).toMatchObject({ code: 1 });
    client.close();
  });

  it("return the caller's requests when it leaves, and end the handler", async () => {
    const over = Promise.withResolvers<void>();
    let returned = false;
    await using local = await LocalServer.start({
      services: [
        served(entryService, {
          async *SyncAuthorizedEntries(requests) {
            try {
              for await (const _request of requests) yield {};
            } finally {
              over.resolve();
            }
          },
        }),
      ],
    });
    async function* requests() {
      try {
        yield {};
        await sleep(300);
      } finally {
        returned = true;
      }
    }
    for await (const _message of local.open().bidi(SyncAuthorizedEntries, requests())) break;
    await over.promise;
    await expect.poll(() => returned).toBe(true);
  });

  it("fail with what the requests threw", async () => {
    await using local = await LocalServer.start({
      services: [
        served(entryService, {
          async *SyncAuthorizedEntries(requests) {
            for await (const _request of requests) yield {};
          },
        }),
      ],
    });
    const broken = new Error("no more requests");
    async function* requests() {
      yield {};
      await sleep(5);
      throw broken;
    }
    expect((await drain(local.open().bidi(SyncAuthorizedEntries, requests()))).error).toBe(broken);
  });
});

describe("limits", () => {
  it("a request above 4 MiB is RESOURCE_EXHAUSTED, one below is served", async () => {
    await using local = await LocalServer.health({ Check: ({ service }) => ({ status: service.length }) });
    const channel = local.open();
    expect(await channel.unary(Check, { service: "x".repeat(4 * 1024 * 1024 - 100) })).toEqual({
      status: 4 * 1024 * 1024 - 100,
    });
    expect(await rejection(channel.unary(Check, { service: "x".repeat(4 * 1024 * 1024 + 1) }))).toMatchObject({
      code: 8,
    });
  });

  it("a response above 4 MiB is RESOURCE_EXHAUSTED at the client", async () => {
    await using local = await LocalServer.health({
      Check: () => new Encoded(Buffer.concat(Array.from({ length: 3 }, () => padding(1_500_000)))) as never,
    });
    expect(await rejection(local.open().unary(Check, {}))).toMatchObject({ code: 8 });
  });

  it("no more calls than maxConcurrentStreams are open on one connection", async () => {
    let open = 0;
    let most = 0;
    await using local = await LocalServer.health(
      {
        async Check() {
          most = Math.max(most, ++open);
          await sleep(10);
          open--;
          return {};
        },
      },
      { limits: { maxConcurrentStreams: 3 } },
    );
    const channel = local.open();
    await channel.unary(Check, {});
    await Promise.all(Array.from({ length: 12 }, () => channel.unary(Check, {})));
    expect(most).toBe(3);
  });

  it("garbage instead of a request message is INTERNAL and reaches no handler", async () => {
    await using local = await LocalServer.health({ Check: () => expect.unreachable() });
    const client = new Client(`unix://${local.path}`, credentials.createInsecure());
    const bytes = (buffer: Buffer): Buffer => buffer;
    const error = await new Promise((resolve) =>
      client.makeUnaryRequest("/grpc.health.v1.Health/Check", bytes, bytes, Buffer.from("0aff", "hex"), resolve),
    );
    client.close();
    expect(error).toMatchObject({ code: 13 });
  });

  it("a service twice, a stray handler: TypeError", () => {
    expect(() => served(healthService, { Chek: () => ({}) } as never)).toThrow(TypeError);
  });
});
