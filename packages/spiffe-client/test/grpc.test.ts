// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect, createServer, type TLSSocket } from "node:tls";
import type { AddressInfo } from "node:net";
import { credentials, CallCredentials, Metadata, ServerCredentials, status } from "@grpc/grpc-js";
import { FakeWorkloadApi, TestCa } from "@mayfly/testkit";
import { afterEach, describe, expect, it } from "vitest";
import {
  anyPeer,
  channelCredentials,
  type ChannelCredentialsOptions,
  type ConnectionEnd,
  exact,
  serverCredentials,
  type ServerCredentialsOptions,
  X509Source,
} from "../src/index.ts";
import { type Greeter, GreeterClient, startGreeter } from "./grpc-service.ts";

const opened: (Disposable | AsyncDisposable)[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) {
    if (Symbol.asyncDispose in each) await each[Symbol.asyncDispose]();
    else each[Symbol.dispose]();
  }
});

interface Workload {
  readonly api: FakeWorkloadApi;
  readonly source: X509Source;
}

const ca = TestCa.create();
const other = TestCa.create({ trustDomain: "other.test" });

async function workload(state: Parameters<FakeWorkloadApi["pushX509"]>[0]): Promise<Workload> {
  const api = await FakeWorkloadApi.start();
  opened.push(api);
  api.pushX509(state);
  const source = await X509Source.open({ address: api.address });
  opened.push(source);
  return { api, source };
}

function named(path: string): Promise<Workload> {
  return workload({ svids: [{ ca, path }] });
}

interface Served extends Greeter {
  readonly refused: unknown[];
  readonly ends: ConnectionEnd[];
}

async function serve({ source }: Workload, options: Partial<ServerCredentialsOptions> = {}): Promise<Served> {
  const refused: unknown[] = [];
  const ends: ConnectionEnd[] = [];
  const greeter = await startGreeter(
    serverCredentials({
      source,
      authorize: anyPeer(),
      onRefused: (error) => void refused.push(error),
      onConnectionEnd: (end) => void ends.push(end),
      ...options,
    }),
  );
  opened.push(greeter);
  return Object.assign(greeter, { refused, ends });
}

function dial(port: number, { source }: Workload, options: Partial<ChannelCredentialsOptions> = {}): GreeterClient {
  const client = new GreeterClient(port, channelCredentials({ source, authorize: anyPeer(), ...options }));
  opened.push(client);
  return client;
}

const serverId = "spiffe://example.org/server";
const clientId = "spiffe://example.org/client";

describe("grpc-js", () => {
  it("tells each handler who calls, for all four kinds of calls", async () => {
    const { port } = await serve(await named("/server"), { authorize: exact(clientId) });
    const client = dial(port, await named("/client"), { authorize: exact(serverId) });
    expect(await client.unary("a")).toBe(`${clientId}: a`);
    expect(await client.collect("a", "b")).toBe(`${clientId}: a+b`);
    expect(await client.chat("a", "b")).toEqual([`${clientId}: a`, `${clientId}: b`]);
    const watch = client.watch("w");
    expect((await watch.next()).value).toBe(`${clientId}: w`);
    await watch.return?.();
  });

  it("has no peer for a call over another kind of connection", async () => {
    const plain = await startGreeter(ServerCredentials.createInsecure());
    opened.push(plain);
    const client = new GreeterClient(plain.port, credentials.createInsecure());
    opened.push(client);
    await expect(client.unary("a")).rejects.toMatchObject({ code: status.UNKNOWN, details: /not verified/ });
  });

  it("refuses a server that is not the one wanted before a byte of a call leaves, and says why", async () => {
    const served = await serve(await named("/server"));
    const refused: unknown[] = [];
    const onRefused = (error: unknown): void => void refused.push(error);
    const client = dial(served.port, await named("/client"), {
      authorize: exact("spiffe://example.org/db"),
      onRefused,
    });
    await expect(client.unary("secret")).rejects.toMatchObject({
      code: status.UNAVAILABLE,
      details: expect.stringContaining(`${serverId} is not authorized`),
    });
    expect(refused[0]).toMatchObject({ code: "NOT_AUTHORIZED" });
    expect(served.seen).toEqual([]);
  });

  it("shows nothing to a client that is not authorized, not even UNIMPLEMENTED", async () => {
    const { port, seen, refused } = await serve(await named("/server"), { authorize: exact(clientId) });
    const stranger = dial(port, await named("/stranger"));
    await expect(stranger.unary("a", "/no.Such/Method")).rejects.toMatchObject({ code: status.UNAVAILABLE });
    await expect(stranger.unary("a")).rejects.toMatchObject({ code: status.UNAVAILABLE });
    expect(refused[0]).toMatchObject({ code: "NOT_AUTHORIZED" });
    expect(seen).toEqual([]);
  });

  it("ends handshakes of clients without a certificate, without ALPN and with other protocols", async () => {
    const { port, seen, refused } = await serve(await named("/server"));
    for (const ALPNProtocols of [["h2"], [], ["http/1.1"], ["h3", "h2c"]]) {
      const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false, ALPNProtocols });
      socket.on("error", () => undefined);
      socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
      socket.resume();
      await new Promise((resolve) => socket.once("close", resolve));
    }
    expect(seen).toEqual([]);
    expect(refused.length).toBeGreaterThanOrEqual(3);
    expect(refused).toContainEqual(expect.objectContaining({ code: "NO_CERTIFICATE" }));
  });

  it("tells a stranger nothing, also where it is the first client that the server ever has", async () => {
    for (const ALPNProtocols of [[], ["h2"], ["http/1.1"]]) {
      const { port, seen, refused } = await serve(await named("/server"));
      const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false, ALPNProtocols });
      let received = "";
      socket.on("error", () => undefined);
      socket.on("data", (data: Buffer) => (received += data.toString()));
      socket.write("GET / HTTP/1.1\r\n\r\n");
      await new Promise((resolve) => socket.once("close", resolve));
      expect(received).toBe("");
      expect(refused).toHaveLength(1);
      expect(seen).toEqual([]);
    }
  });

  it("MTL-D01: a federated authority that signs an ID of ours is refused, in both directions", async () => {
    const forged = { ca: other, identity: other.leafWithBadSpiffeId(serverId), bundle: [ca] };
    const forger = await workload({ svids: [forged], federated: [other] });
    const honest = await workload({ svids: [{ ca, path: "/honest" }], federated: [other] });
    const theirs = await serve(forger);
    await expect(dial(theirs.port, honest).unary("secret")).rejects.toMatchObject({ code: status.UNAVAILABLE });
    expect(theirs.seen).toEqual([]);
    const ours = await serve(honest);
    await expect(dial(ours.port, forger).unary("a")).rejects.toMatchObject({ code: status.UNAVAILABLE });
    expect(ours.refused[0]).toMatchObject({ code: "UNTRUSTED" });
    expect(ours.seen).toEqual([]);
  });

  it("talks across trust domains that federate", async () => {
    const server = await workload({ svids: [{ ca, path: "/server" }], federated: [other] });
    const client = await workload({ svids: [{ ca: other, path: "/client" }], federated: [ca] });
    const { port } = await serve(server);
    expect(await dial(port, client).unary("a")).toBe("spiffe://other.test/client: a");
  });

  it("shows a rotated SVID in the next handshake and leaves open connections and streams alone", async () => {
    const server = await named("/server");
    const { port, open } = await serve(server);
    const before = dial(port, await named("/client"));
    const watch = before.watch("w");
    await watch.next();
    const rotated = ca.issue("/server");
    server.api.pushX509({ svids: [{ ca, identity: rotated }] });
    await expect
      .poll(() => Buffer.from(server.source.svid.chain[0]?.der ?? []))
      .toEqual(Buffer.from(rotated.chain[0] ?? []));
    const shown: Uint8Array[] = [];
    const { source } = await named("/client");
    const socket = await credulous(port, source);
    shown.push(socket.getPeerX509Certificate()!.raw);
    socket.destroy();
    expect(shown).toEqual([Buffer.from(rotated.chain[0] ?? [])]);
    [...open][0]?.write("still here");
    expect((await watch.next()).value).toBe("still here");
    await watch.return?.();
    expect(await before.unary("a")).toBe(`${clientId}: a`);
  });

  it("takes no connection while its own identity is withdrawn, ends open ones, and comes back with the next identity", async () => {
    const server = await named("/server");
    const served = await serve(server);
    const client = dial(served.port, await named("/client"));
    await client.unary("a");
    server.api.refuse();
    await expect.poll(() => served.ends.map(({ reason }) => reason)).toEqual(["SVID_WITHDRAWN"]);
    await expect(client.unary("b")).rejects.toMatchObject({ code: status.UNAVAILABLE });
    expect(served.seen).toEqual(["a"]);
    server.api.pushX509({ svids: [{ ca, path: "/server" }] });
    await expect.poll(() => client.unary("c").catch(() => ""), { timeout: 10_000 }).toBe(`${clientId}: c`);
  });

  it("MTL-D12, MTL-D15: when the client's authority leaves the bundle, running calls finish in the bound and new ones are refused", async () => {
    const server = await workload({ svids: [{ ca, path: "/server" }], federated: [other] });
    const served = await serve(server);
    const client = dial(served.port, await workload({ svids: [{ ca: other, path: "/client" }], federated: [ca] }));
    const running = client.unary("wait");
    await expect.poll(() => served.seen).toEqual(["wait"]);
    server.api.pushX509({ svids: [{ ca, path: "/server" }] });
    await expect.poll(() => served.ends.map(({ reason }) => reason)).toEqual(["PEER_UNTRUSTED"]);
    await expect(client.unary("late")).rejects.toMatchObject({ code: status.UNAVAILABLE });
    served.release();
    expect(await running).toBe("spiffe://other.test/client: wait");
    expect(served.seen).toEqual(["wait"]);
  });

  it("cuts a stream that does not end by itself when its peer is no longer trusted", async () => {
    const server = await workload({ svids: [{ ca, path: "/server" }], federated: [other] });
    const served = await serve(server);
    const client = dial(served.port, await workload({ svids: [{ ca: other, path: "/client" }], federated: [ca] }));
    const watch = client.watch("w");
    await watch.next();
    const started = Date.now();
    server.api.pushX509({ svids: [{ ca, path: "/server" }] });
    await expect(watch.next()).rejects.toMatchObject({ code: expect.any(Number) });
    expect(Date.now() - started).toBeLessThan(2_000);
    await expect.poll(() => served.open.size).toBe(0);
  });

  it("a client ends its connection when the server is no longer authorized: running calls finish, new ones don't go there", async () => {
    const served = await serve(await named("/server"));
    const client = await named("/client");
    let wanted = true;
    const ends: ConnectionEnd[] = [];
    const channel = dial(served.port, client, {
      authorize: () => wanted,
      onConnectionEnd: (end) => void ends.push(end),
    });
    const running = channel.unary("wait");
    await expect.poll(() => served.seen).toEqual(["wait"]);
    wanted = false;
    client.api.pushX509({ svids: [{ ca, path: "/client" }] });
    await expect.poll(() => ends.map(({ reason }) => reason)).toEqual(["NOT_AUTHORIZED"]);
    const late = channel.unary("late");
    served.release();
    expect(await running).toBe(`${clientId}: wait`);
    await expect(late).rejects.toMatchObject({ code: status.UNAVAILABLE });
    expect(served.seen).toEqual(["wait"]);
  });

  it("a client near the end of a connection goes to a new one with its new SVID, and no call fails", async () => {
    // Its own guard is off: the client has to do it.
    const served = await serve(await named("/server"), { closeConnections: false });
    const client = await workload({ svids: [{ ca, identity: shortLived("/client", 3_000) }] });
    const ends: ConnectionEnd[] = [];
    const channel = dial(served.port, client, { onConnectionEnd: (end) => void ends.push(end) });
    await channel.unary("first");
    client.api.pushX509({ svids: [{ ca, path: "/client" }] });
    await expect.poll(() => client.source.svid.notAfter.getTime() - Date.now() > 60_000).toBe(true);
    while (ends.length === 0) await channel.unary("again");
    expect(ends.map(({ reason }) => reason)).toEqual(["SVID_EXPIRED"]);
    for (let count = 0; count < 20; count++) expect(await channel.unary("after")).toBe(`${clientId}: after`);
  });

  it("MTL-D12: a server ends a connection at the client's certificate end, and the client comes again with its next one", async () => {
    const served = await serve(await named("/server"));
    const client = await workload({ svids: [{ ca, identity: shortLived("/client", 3_000) }] });
    // Its own guard is off: the server has to do it.
    const channel = dial(served.port, client, { closeConnections: false });
    await channel.unary("first");
    client.api.pushX509({ svids: [{ ca, path: "/client" }] });
    while (served.ends.length === 0) await channel.unary("again");
    expect(served.ends[0]).toMatchObject({ reason: "PEER_EXPIRED", peer: { id: expect.anything() } });
    for (let count = 0; count < 20; count++) expect(await channel.unary("after")).toBe(`${clientId}: after`);
  });

  it("verifies again when a channel reconnects", async () => {
    const first = await serve(await named("/server"));
    const client = await named("/client");
    const channel = dial(first.port, client, { authorize: exact(serverId) });
    await channel.unary("a");
    await first[Symbol.asyncDispose]();
    const rogue = await workload({ svids: [{ ca, path: "/rogue" }] });
    const second = await startGreeter(serverCredentials({ source: rogue.source, authorize: anyPeer() }), first.port);
    opened.push(second);
    await expect(channel.unary("b")).rejects.toMatchObject({ code: status.UNAVAILABLE });
    expect(second.seen).toEqual([]);
  });

  it("composes with call credentials, and refuses to make a plain channel of them", async () => {
    const { port } = await serve(await named("/server"));
    const { source } = await named("/client");
    const perCall = CallCredentials.createFromMetadataGenerator((_options, done) => done(null, new Metadata()));
    const composed = credentials.combineChannelCredentials(
      channelCredentials({ source, authorize: anyPeer() }),
      perCall,
    );
    const client = new GreeterClient(port, composed);
    opened.push(client);
    expect(await client.unary("a")).toBe(`${clientId}: a`);
  });

  it.each(["TLSv1.2", "TLSv1.3"] as const)("MTL-D11: resumes no session of a client, with %s", async (version) => {
    const { port } = await serve(await named("/server"));
    const { source } = await named("/client");
    const first = await credulous(port, source, { minVersion: version, maxVersion: version });
    let session: Buffer | undefined = first.getSession();
    first.on("session", (given: Buffer) => (session = given));
    await speak(first);
    const second = await credulous(port, source, { minVersion: version, maxVersion: version, session: session! });
    expect(second.isSessionReused()).toBe(false);
    first.destroy();
    second.destroy();
  });

  it("MTL-D17: a client never offers a session, though the server would resume it", async () => {
    const { source } = await named("/server");
    const reused: boolean[] = [];
    const tickets = createServer(
      {
        cert: source.svid.toPem(),
        key: source.svid.privateKey.export({ format: "pem", type: "pkcs8" }),
        requestCert: true,
        rejectUnauthorized: false,
        ALPNProtocols: ["h2"],
      },
      (socket) => {
        reused.push(socket.isSessionReused());
        socket.on("error", () => undefined);
        setTimeout(() => socket.destroy(), 50);
      },
    ).listen(0, "127.0.0.1");
    await once(tickets, "listening");
    const { port } = tickets.address() as AddressInfo;
    const client = await named("/client");
    const [wanting, other] = [
      dial(port, client, { authorize: exact(serverId) }),
      dial(port, client, { authorize: exact("spiffe://example.org/other") }),
    ];
    await expect(wanting.unary("a")).rejects.toMatchObject({ code: status.UNAVAILABLE });
    await expect(other.unary("a")).rejects.toMatchObject({ details: expect.stringContaining("is not authorized") });
    expect(reused.length).toBeGreaterThan(1);
    expect(new Set(reused)).toEqual(new Set([false]));
    tickets.close();
  });

  it("leaves nothing behind when its server is shut down", async () => {
    const server = await named("/server");
    const served = await serve(server);
    await dial(served.port, await named("/client")).unary("a");
    await served[Symbol.asyncDispose]();
    await new Promise((resolve) => setTimeout(resolve, 50));
    server.api.pushX509({ svids: [{ ca, path: "/server" }] });
    const gone = connectHttp2(`https://127.0.0.1:${served.port}`, { rejectUnauthorized: false });
    const [error] = (await once(gone, "error").catch((thrown: unknown) => [thrown])) as [NodeJS.ErrnoException];
    expect(error.code).toBe("ECONNREFUSED");
  });
});

/** The bare handshake of a client that believes every server. */
async function credulous(
  port: number,
  { svid }: X509Source,
  options: { minVersion?: "TLSv1.2" | "TLSv1.3"; maxVersion?: "TLSv1.2" | "TLSv1.3"; session?: Buffer } = {},
): Promise<TLSSocket> {
  const key = svid.privateKey.export({ format: "pem", type: "pkcs8" });
  const socket = connect({
    host: "127.0.0.1",
    port,
    cert: svid.toPem(),
    key,
    rejectUnauthorized: false,
    ALPNProtocols: ["h2"],
    ...options,
  });
  socket.on("error", () => undefined);
  await once(socket, "secureConnect");
  return socket;
}

async function speak(socket: TLSSocket): Promise<void> {
  const session = connectHttp2("https://example.org", { createConnection: () => socket });
  await once(session, "remoteSettings");
  await new Promise((resolve) => setTimeout(resolve, 20));
}

function shortLived(path: string, ms: number): ReturnType<TestCa["issue"]> {
  return ca.issue(path, { notAfter: new Date(Date.now() + ms) });
}
