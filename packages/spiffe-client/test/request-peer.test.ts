// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { createServer, get, type RequestListener } from "node:http";
import type { ClientHttp2Session, Http2ServerRequest } from "node:http2";
import { get as getHttps } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { text } from "node:stream/consumers";
import { FakeWorkloadApi, TestCa } from "@mayfly/testkit";
import express from "express";
import Fastify, { type FastifyRequest } from "fastify";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  anyPeer,
  connectHttp2,
  createHttp2Server,
  createHttpsServer,
  httpsAgent,
  type PeerPolicy,
  type PeerRequest,
  requestPeer,
  X509Source,
} from "../src/index.ts";

const ca = TestCa.create();
const closing: (() => unknown)[] = [];
let source: X509Source;
beforeEach(async () => {
  const api = await FakeWorkloadApi.start();
  api.pushX509({ svids: [{ ca, path: "/client" }] });
  source = await X509Source.open({ address: api.address });
  closing.push(
    () => api[Symbol.asyncDispose](),
    () => source[Symbol.asyncDispose](),
  );
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const policy = (): PeerPolicy => ({ source, authorize: anyPeer() });
const clientId = "spiffe://example.org/client";

/** Its port; closed with the test. */
async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(() => void server.close());
  return (server.address() as AddressInfo).port;
}

async function ask(port: number): Promise<string> {
  const agent = httpsAgent({ ...policy(), keepAlive: false });
  const [answer] = await once(getHttps({ host: "127.0.0.1", port, path: "/who", agent }), "response");
  return await text(answer);
}

const idOf = (request: PeerRequest): string => requestPeer(request).id.toString();
const whoAmI: RequestListener = (request, response) => void response.end(idOf(request));

describe("requestPeer", () => {
  it("knows the peer of a request of node:https", async () => {
    expect(await ask(await listen(createHttpsServer(policy(), whoAmI)))).toBe(clientId);
  });

  it("knows it of an express request, also with something else in `session`", async () => {
    const app = express();
    app.use((request, _response, next) => {
      Object.assign(request, { session: { user: "spiffe://example.org/admin" } });
      next();
    });
    app.get("/who", (request, response) => void response.send(idOf(request)));
    expect(await ask(await listen(createHttpsServer(policy(), app)))).toBe(clientId);
  });

  it("knows it of a fastify request over HTTP/1 and HTTP/2", async () => {
    const one = Fastify({ serverFactory: (handler) => createHttpsServer(policy(), handler) });
    one.get("/who", (request) => idOf(request));
    closing.push(() => one.close());
    await one.listen({ host: "127.0.0.1", port: 0 });
    expect(await ask((one.server.address() as AddressInfo).port)).toBe(clientId);

    const two = Fastify({
      http2: true,
      serverFactory: (handler) => createHttp2Server(policy()).on("request", handler),
    });
    two.get("/who", (request: FastifyRequest<object, typeof two.server>) => idOf(request));
    closing.push(() => two.close());
    await two.listen({ host: "127.0.0.1", port: 0 });
    expect(await askHttp2((two.server.address() as AddressInfo).port)).toBe(clientId);
  });

  it("knows it of a request, a stream and a session of node:http2", async () => {
    const compat = createHttp2Server(policy());
    compat.on("request", (request: Http2ServerRequest, response) => void response.end(idOf(request)));
    expect(await askHttp2(await listen(compat))).toBe(clientId);
    const streams = createHttp2Server(policy(), (stream) => {
      stream.respond();
      stream.end(idOf(stream));
    });
    expect(await askHttp2(await listen(streams))).toBe(clientId);
  });

  it("throws for a request over plain HTTP, and for what is no request", async () => {
    const codes: unknown[] = [];
    const server = createServer((request, response) => {
      for (const asked of [request, { raw: request }, { socket: null }, {}, { session: { id: clientId } }]) {
        try {
          requestPeer(asked);
        } catch (error) {
          codes.push((error as { code?: string }).code);
        }
      }
      response.end();
    });
    const port = await listen(server);
    const [answer] = await once(get({ host: "127.0.0.1", port, agent: false }), "response");
    await text(answer);
    expect(codes).toEqual(Array.from({ length: 5 }, () => "NO_CERTIFICATE"));
  });
});

async function askHttp2(port: number): Promise<string> {
  const session: ClientHttp2Session = await connectHttp2(`https://127.0.0.1:${port}`, policy());
  const answer = await text(session.request({ ":path": "/who" }));
  session.close();
  return answer;
}
