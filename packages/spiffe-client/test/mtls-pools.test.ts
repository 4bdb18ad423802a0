// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { type Http2SecureServer } from "node:http2";
import type { IncomingMessage } from "node:http";
import { type RequestOptions, request as httpsRequest, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { TestCa } from "@mayfly/testkit";
import { afterEach, describe, expect, it } from "vitest";
import {
  anyPeer,
  type ConnectionEnd,
  type ConnectionOptions,
  createHttp2Server,
  createHttpsServer,
  exact,
  httpsAgent,
  type PeerPolicy,
} from "../src/index.ts";
import { createDispatcher, type DispatcherOptions } from "../src/undici.ts";
import { LiveWorkload } from "./mtls/live-workload.ts";
import { sourceOf } from "./mtls/workload.ts";

const ca = TestCa.create();
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Slow {
  readonly port: number;
  /** Requests, each by the number of the connection that it came on. */
  readonly seen: number[];
}

/** A server that answers after the milliseconds in the path. */
async function slowServer(server: Server | Http2SecureServer): Promise<Slow> {
  const seen: number[] = [];
  const connections: unknown[] = [];
  server.on("request", (request: IncomingMessage, response: { end(text: string): void }) => {
    const connection = "stream" in request ? (request.stream as { session: unknown }).session : request.socket;
    if (!connections.includes(connection)) connections.push(connection);
    seen.push(connections.indexOf(connection) + 1);
    void sleep(Number(request.url?.slice(1))).then(() => response.end("done"));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(() => server.close());
  return { port: (server.address() as AddressInfo).port, seen };
}

async function get(options: RequestOptions): Promise<string> {
  const sent = httpsRequest(options);
  sent.end();
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  return await text(response);
}

const server: PeerPolicy = { source: sourceOf(ca.issue("/server"), [ca]), authorize: anyPeer() };

type Ask = (port: number, path: string) => Promise<string>;
type MakeClient = (options: PeerPolicy & ConnectionOptions) => Ask;

function undiciClient(more: Partial<DispatcherOptions>): MakeClient {
  return (options) => {
    const dispatcher = createDispatcher({ ...options, ...more });
    closing.push(() => dispatcher.destroy());
    return async (port, path) => {
      const { body } = await dispatcher.request({ origin: `https://127.0.0.1:${port}`, path, method: "GET" });
      return await body.text();
    };
  };
}

const clients: readonly [string, () => Server | Http2SecureServer, MakeClient][] = [
  [
    "https.Agent with one socket",
    () => createHttpsServer(server),
    (options) => {
      const agent = httpsAgent({ ...options, maxSockets: 1 });
      closing.push(() => agent.destroy());
      return (port, path) => get({ host: "127.0.0.1", port, path, agent });
    },
  ],
  ["undici", () => createHttpsServer(server), undiciClient({})],
  ["undici with one connection", () => createHttpsServer(server), undiciClient({ connections: 1 })],
  ["undici over HTTP/2", () => createHttp2Server(server), undiciClient({ allowH2: true })],
  [
    "undici over HTTP/2 with one connection",
    () => createHttp2Server(server),
    undiciClient({ allowH2: true, connections: 1 }),
  ],
];

describe.each(clients)("%s", (_name, makeServer, makeClient) => {
  it("uses a connection again while its verdict stands", async () => {
    const { port, seen } = await slowServer(makeServer());
    const ask = makeClient({ source: sourceOf(ca.issue("/client"), [ca]), authorize: anyPeer() });
    for (let n = 0; n < 3; n++) {
      expect(await ask(port, "/0")).toBe("done");
      await sleep(5);
    }
    expect(seen).toEqual([1, 1, 1]);
  });

  it("moves what comes after the end of a verdict, while what is under way finishes", async () => {
    const { port, seen } = await slowServer(makeServer());
    const identity = ca.issue("/client");
    const workload = await LiveWorkload.start({ svids: [{ ca, identity }] });
    closing.push(() => workload[Symbol.asyncDispose]());
    let wanted = true;
    const ends: ConnectionEnd[] = [];
    const ask = makeClient({
      source: workload.source,
      authorize: () => wanted,
      onConnectionEnd: (end) => void ends.push(end),
    });
    const slow = ask(port, "/600");
    await expect.poll(() => seen).toEqual([1]);
    wanted = false;
    workload.push({ svids: [{ ca, identity, hint: "again" }] });
    await expect.poll(() => ends).toMatchObject([{ reason: "NOT_AUTHORIZED" }]);
    wanted = true;
    expect(await Promise.all([slow, ask(port, "/0"), ask(port, "/0")])).toEqual(["done", "done", "done"]);
    expect(seen.slice(1)).not.toContain(1);
    expect(await ask(port, "/0")).toBe("done");
  });
});

it("an agent does not let a request's own options weaken the policy", async () => {
  const { port, seen } = await slowServer(createHttpsServer(server));
  const source = sourceOf(ca.issue("/client"), [ca]);
  const agent = httpsAgent({ source, authorize: exact("spiffe://example.org/other") });
  closing.push(() => agent.destroy());
  const stranger = TestCa.create();
  const options = {
    host: "127.0.0.1",
    port,
    path: "/0",
    agent,
    authorize: anyPeer(),
    source: sourceOf(stranger.issue("/x"), [stranger]),
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
    ca: [],
    servername: "example.org",
  };
  await expect(get(options)).rejects.toMatchObject({ code: "NOT_AUTHORIZED" });
  expect(seen).toEqual([]);
});

it("a dispatcher has nothing to do with a peer that can't be verified", async () => {
  const dispatcher = createDispatcher({ source: sourceOf(ca.issue("/client"), [ca]), authorize: anyPeer() });
  closing.push(() => dispatcher.destroy());
  await expect(dispatcher.request({ origin: "http://127.0.0.1:9", path: "/", method: "GET" })).rejects.toThrow(
    TypeError,
  );
});
