// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { connect, createServer, type Server, type TLSSocket } from "node:tls";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import type { WorkloadX509Svid } from "@mayfly/rpc";
import { X509Svid } from "@mayfly/spiffe";
import {
  anyPeer,
  connectTls,
  createTlsServer,
  memberOf,
  oneOf,
  type TlsServerOptions,
  verifiedPeer,
  X509Source,
} from "../src/index.ts";
import { Authority } from "./authority.ts";
import { denied, type Endpoint, startEndpoint } from "./endpoint.ts";

let own: Authority;
let other: Authority;
beforeAll(async () => {
  own = await Authority.create("example.org");
  other = await Authority.create("other.test");
});

const opened: AsyncDisposable[] = [];
const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) server.close();
  for (const each of opened.splice(0).reverse()) await each[Symbol.asyncDispose]();
});

interface Workload {
  readonly endpoint: Endpoint;
  readonly source: X509Source;
}

/** A workload with this SVID; it trusts its own domain and, where asked, the other one. */
async function workload(svid: WorkloadX509Svid, federated = false): Promise<Workload> {
  const endpoint = await startEndpoint();
  const foreign = svid.spiffe_id.startsWith("spiffe://other.test") ? own : other;
  const federated_bundles = federated ? { [foreign.trustDomain.idString]: Buffer.from(foreign.bundle.toDer()) } : {};
  endpoint.onStream("FetchX509SVID", (stream) => stream.write({ svids: [svid], federated_bundles }));
  const source = await X509Source.open({ address: endpoint.address });
  opened.push(endpoint, source);
  return { endpoint, source };
}

interface Echo {
  readonly port: number;
  /** Bytes and peers that reached the handler. */
  readonly seen: { peer: string; text: string }[];
  readonly refused: unknown[];
}

async function echo(options: Omit<TlsServerOptions, "onRefused">): Promise<Echo> {
  const seen: Echo["seen"] = [];
  const refused: unknown[] = [];
  const server = createTlsServer({ ...options, onRefused: (error) => void refused.push(error) }, (socket, { id }) => {
    socket.on("data", (text: Buffer) => {
      seen.push({ peer: id.toString(), text: text.toString() });
      socket.end(text);
    });
  });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, seen, refused };
}

async function say(socket: TLSSocket, text: string): Promise<string> {
  socket.end(text);
  let answer = "";
  for await (const chunk of socket.setEncoding("utf8")) answer += String(chunk);
  return answer;
}

function call({ source }: Workload, port: number, authorize = anyPeer()): Promise<TLSSocket> {
  return connectTls({ source, authorize, host: "127.0.0.1", port });
}

describe("createTlsServer and connectTls", () => {
  it("talk when each is verified and authorized by the other", async () => {
    const server = await workload(own.issue("/server"));
    const client = await workload(own.issue("/client"));
    const { port, seen } = await echo({ source: server.source, authorize: oneOf("spiffe://example.org/client") });
    const socket = await call(client, port, oneOf("spiffe://example.org/server"));
    expect(verifiedPeer(socket)?.id.toString()).toBe("spiffe://example.org/server");
    expect(await say(socket, "hello")).toBe("hello");
    expect(seen).toEqual([{ peer: "spiffe://example.org/client", text: "hello" }]);
  });

  it("talk across trust domains with federated bundles, and each domain is checked with its own bundle only", async () => {
    const server = await workload(own.issue("/server"), true);
    const client = await workload(other.issue("/client"), true);
    const { port, refused } = await echo({ source: server.source, authorize: memberOf("other.test") });
    expect(await say(await call(client, port, memberOf("example.org")), "hello")).toBe("hello");
    // The other domain's authority signed an identity of ours.
    const forger = await workload(other.issue("/x", { uri: "spiffe://example.org/server" }), true);
    await refusedBy(credulousCall(forger, port), refused, "UNTRUSTED");
  });

  it("refuse a server that is not the one wanted, before a byte is sent", async () => {
    const server = await workload(own.issue("/server"));
    const client = await workload(own.issue("/client"));
    const { port, seen } = await echo({ source: server.source, authorize: anyPeer() });
    await expect(call(client, port, oneOf("spiffe://example.org/db"))).rejects.toMatchObject({
      name: "PeerError",
      code: "NOT_AUTHORIZED",
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(seen).toEqual([]);
  });

  it.each([
    ["of an unknown trust domain", () => other.issue("/server"), "NO_BUNDLE"],
    [
      "that is expired",
      () =>
        own.issue("/server", { notBefore: new Date(Date.now() - 120_000), notAfter: new Date(Date.now() - 60_000) }),
      "EXPIRED",
    ],
    [
      "that is not valid yet",
      () =>
        own.issue("/server", { notBefore: new Date(Date.now() + 60_000), notAfter: new Date(Date.now() + 120_000) }),
      "NOT_YET_VALID",
    ],
    ["of our name by another authority", () => other.issue("/x", { uri: "spiffe://example.org/server" }), "UNTRUSTED"],
  ])("refuse a peer with a certificate %s, at both ends", async (_what, issue, code) => {
    const honest = await workload(own.issue("/honest"));
    const strange = await workload(issue(), true);
    const theirs = await credulousServer(strange);
    await expect(call(honest, theirs)).rejects.toMatchObject({ name: "X509SvidError", code });
    const ours = await echo({ source: honest.source, authorize: anyPeer() });
    await refusedBy(credulousCall(strange, ours.port), ours.refused, code);
    expect(ours.seen).toEqual([]);
  });

  it("refuse a client without a certificate, and one that is not authorized", async () => {
    const server = await workload(own.issue("/server"));
    const { port, seen, refused } = await echo({
      source: server.source,
      authorize: oneOf("spiffe://example.org/client"),
    });
    const anonymous = connect({ host: "127.0.0.1", port, rejectUnauthorized: false });
    anonymous.on("error", () => undefined);
    anonymous.write("hello");
    anonymous.resume();
    await once(anonymous, "close");
    expect(refused).toMatchObject([{ code: "NO_CERTIFICATE" }]);
    refused.length = 0;
    await refusedBy(call(await workload(own.issue("/stranger")), port), refused, "NOT_AUTHORIZED");
    expect(seen).toEqual([]);
  });

  it("refuse a client when authorize answers later, and outlive its rejection", async () => {
    const server = await workload(own.issue("/server"));
    const rejected: unknown[] = [];
    const onRejection = (reason: unknown): void => void rejected.push(reason);
    process.on("unhandledRejection", onRejection);
    try {
      for (const authorize of [() => Promise.resolve(true), () => Promise.reject(new Error("no database"))]) {
        const { port, seen, refused } = await echo({ source: server.source, authorize: authorize as never });
        await refusedBy(call(await workload(own.issue("/client")), port), refused, "NOT_AUTHORIZED");
        expect(String(refused[0])).toMatch(/at once, with true or false/);
        expect(seen).toEqual([]);
      }
      await sleep(10);
      expect(rejected).toEqual([]);
    } finally {
      process.off("unhandledRejection", onRejection);
    }
  });

  it("show a rotated SVID in the next handshake, and leave open connections alone", async () => {
    const server = await workload(own.issue("/server"));
    const client = await workload(own.issue("/client"));
    const { port } = await echo({ source: server.source, authorize: anyPeer() });
    const before = await call(client, port);
    const rotated = own.issue("/server");
    server.endpoint.push({ svids: [rotated] });
    await expect
      .poll(() => server.source.svid.chain[0]?.serialNumber)
      .toBe(X509Svid.parse(rotated.x509_svid, rotated.x509_svid_key).chain[0]?.serialNumber);
    const after = await call(client, port);
    expect(verifiedPeer(after)?.chain[0]?.der).toEqual(new Uint8Array(rotated.x509_svid));
    expect(verifiedPeer(before)?.chain[0]?.der).not.toEqual(new Uint8Array(rotated.x509_svid));
    expect(await say(before, "still here")).toBe("still here");
    after.destroy();
  });

  it("take no new connection when the own identity was withdrawn", async () => {
    const server = await workload(own.issue("/server"));
    const client = await workload(own.issue("/client"));
    const { port, refused } = await echo({ source: server.source, authorize: anyPeer() });
    server.endpoint.onStream("FetchX509SVID", (stream) => stream.emit("error", denied));
    server.endpoint.end(denied);
    await expect.poll(() => server.source.context.svids.length).toBe(0);
    await refusedBy(call(client, port), refused, "NO_SVID");
    await expect(call(server, port)).rejects.toMatchObject({ code: "NO_SVID" });
  });

  it("resume no session, with TLS 1.2 and 1.3", async () => {
    const server = await workload(own.issue("/server"));
    const client = await workload(own.issue("/client"));
    const { port, seen } = await echo({ source: server.source, authorize: anyPeer() });
    for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
      const { svid } = client.source;
      const options = {
        host: "127.0.0.1",
        port,
        cert: svid.toPem(),
        key: svid.privateKey.export({ format: "pem", type: "pkcs8" }),
        rejectUnauthorized: false,
        minVersion: version,
        maxVersion: version,
      } as const;
      const first = connect(options);
      let session: Buffer | undefined;
      first.on("session", (given) => {
        session = given;
      });
      await once(first, "secureConnect");
      await say(first, version);
      session ??= first.getSession();
      const second = connect({ ...options, ...(session && { session }) });
      await once(second, "secureConnect");
      expect(second.isSessionReused()).toBe(false);
      await say(second, version);
    }
    expect(seen).toHaveLength(4);
  });

  it("give up a server that does not answer", async () => {
    const client = await workload(own.issue("/client"));
    const { createServer: createPlain } = await import("node:net");
    const silent = createPlain(() => undefined);
    silent.listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo;
    const { source } = client;
    await expect(
      connectTls({ source, authorize: anyPeer(), host: "127.0.0.1", port, timeoutMs: 50 }),
    ).rejects.toMatchObject({ name: "TimeoutError" });
    const reason = new Error("stop");
    await expect(
      connectTls({ source, authorize: anyPeer(), host: "127.0.0.1", port, signal: AbortSignal.abort(reason) }),
    ).rejects.toBe(reason);
    silent.close();
  });

  it("refuse TLS 1.1", async () => {
    const client = await workload(own.issue("/client"));
    const { svid } = client.source;
    const old = createServer({
      cert: svid.toPem(),
      key: svid.privateKey.export({ format: "pem", type: "pkcs8" }),
      minVersion: "TLSv1",
      maxVersion: "TLSv1.1",
      ciphers: "ALL@SECLEVEL=0",
    });
    old.on("tlsClientError", () => undefined);
    servers.push(old);
    old.listen(0, "127.0.0.1");
    await once(old, "listening");
    await expect(call(client, (old.address() as AddressInfo).port)).rejects.toMatchObject({
      code: expect.stringMatching(/SSL|EPROTO/),
    });
    const { port, seen } = await echo({ source: client.source, authorize: anyPeer() });
    const late = connect({
      host: "127.0.0.1",
      port,
      rejectUnauthorized: false,
      minVersion: "TLSv1",
      maxVersion: "TLSv1.1",
      ciphers: "ALL@SECLEVEL=0",
    });
    const [error] = (await once(late, "error").catch((thrown: unknown) => [thrown])) as [NodeJS.ErrnoException];
    expect(error.code).toMatch(/SSL|ECONNRESET|EPROTO/);
    expect(seen).toEqual([]);
  });
});

/** A client that believes every server. */
async function credulousCall(workload: Workload, port: number): Promise<TLSSocket> {
  const socket = connect({ host: "127.0.0.1", port, ...shown(workload), rejectUnauthorized: false });
  socket.on("error", () => undefined);
  await once(socket, "secureConnect");
  socket.write("hello");
  return socket;
}

/** A server that shows what the workload has, expired or not, and asks nobody. */
async function credulousServer(workload: Workload): Promise<number> {
  const server = createServer(shown(workload), (socket) => socket.on("error", () => undefined));
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

function shown({ source }: Workload): { cert: string; key: string } {
  const [svid] = source.context.svids;
  return {
    cert: svid?.toPem() ?? "",
    key: svid?.privateKey.export({ format: "pem", type: "pkcs8" }) ?? "",
  };
}

/** The server refuses after the client's side is done: the client sees the end of the connection, the server knows why. */
async function refusedBy(connecting: Promise<TLSSocket>, refused: readonly unknown[], code: string): Promise<void> {
  const socket = await connecting.catch(() => undefined);
  socket?.resume();
  await expect.poll(() => refused).toMatchObject([{ code }]);
  if (socket !== undefined) await expect.poll(() => socket.closed || socket.readableEnded).toBe(true);
  socket?.destroy();
}
