// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { type AddressInfo, createServer as createPlainServer, type Socket } from "node:net";
import { connect as connectTls, createSecureContext, createServer, type Server, type TLSSocket } from "node:tls";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ClientTls, healthService, peerChain, RpcChannel, RpcServer, served, StatusError } from "../src/index.ts";
import { makeCertificate, toPem } from "./self-signed.ts";

const root = { ...makeCertificate("root"), subject: "root" };
const serverCredential = makeCertificate("server", root);
const clientCredential = makeCertificate("client", root);
const rpc = new RpcServer<readonly Uint8Array[]>({
  services: [
    served(healthService, { Check: (_request, { peer }) => ({ status: peer.length === 0 ? "UNKNOWN" : "SERVING" }) }),
  ],
});
const clientChains: (readonly Uint8Array[])[] = [];
let listener: Server;
let address: string;
const channels: RpcChannel[] = [];

async function listen(alpn: string[] | undefined): Promise<void> {
  listener = createServer(
    {
      cert: toPem(serverCredential.der) + toPem(root.der),
      key: serverCredential.key.export({ type: "pkcs8", format: "pem" }),
      requestCert: true,
      rejectUnauthorized: false,
      ...(alpn === undefined ? {} : { ALPNProtocols: alpn }),
    },
    (socket: TLSSocket) => {
      socket.on("error", () => undefined);
      const chain = peerChain(socket);
      clientChains.push(chain);
      rpc.accept(socket, chain);
    },
  );
  listener.on("tlsClientError", () => undefined);
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  address = `127.0.0.1:${(listener.address() as AddressInfo).port}`;
}

function open(tls: ClientTls): RpcChannel {
  const channel = RpcChannel.open({ address, tls });
  channels.push(channel);
  return channel;
}

beforeEach(() => listen(["h2"]));
afterEach(() => {
  for (const channel of channels.splice(0)) channel.close();
  for (const connection of rpc.connections) connection.close("test is over");
  listener.close();
});

const { Check } = healthService.methods;

describe("a channel with TLS", () => {
  it("shows the server's chain to verify, leaf first, and calls when it agrees", async () => {
    const seen: (readonly Uint8Array[])[] = [];
    const channel = open({ verify: (chain) => void seen.push(chain) });
    expect(await channel.unary(Check, {})).toEqual({ status: "UNKNOWN" });
    expect(seen).toEqual([[serverCredential.der, root.der]]);
  });

  it("gives the same chain however often it is asked", async () => {
    const seen: (readonly Uint8Array[])[] = [];
    const verify = (chain: readonly Uint8Array[], socket: TLSSocket): void =>
      void seen.push(chain, peerChain(socket), peerChain(socket));
    await open({ verify }).unary(Check, {});
    expect(seen).toEqual(Array.from({ length: 3 }, () => [serverCredential.der, root.der]));
  });

  it("names the host of the target in the handshake, unless it is an IP address or another name is wanted", async () => {
    const named: unknown[] = [];
    const callAs = async (target: string, options: Partial<ClientTls> = {}): Promise<void> => {
      const verify = (_chain: readonly Uint8Array[], socket: TLSSocket): void => void named.push(socket.servername);
      const channel = RpcChannel.open({ address: target, tls: { ...options, verify } });
      channels.push(channel);
      await channel.unary(Check, {});
    };
    const port = address.slice(address.indexOf(":"));
    await callAs(address);
    await callAs(`localhost${port}`);
    await callAs(`dns:///localhost${port}`);
    await callAs(address, { serverName: "other.test" });
    expect(named.map((name) => name ?? false)).toEqual([false, "localhost", "localhost", "other.test"]);
  });

  it("takes a context that is ready", async () => {
    clientChains.length = 0;
    const secureContext = createSecureContext({
      cert: toPem(clientCredential.der),
      key: clientCredential.key.export({ type: "pkcs8", format: "pem" }),
      minVersion: "TLSv1.2",
    });
    await open({ secureContext, verify: () => undefined }).unary(Check, {});
    expect(clientChains).toEqual([[clientCredential.der]]);
  });

  it("shows its certificates when it has some, in its order, also when they belong to no chain", async () => {
    const stranger = makeCertificate("stranger");
    for (const chain of [
      [clientCredential.der],
      [clientCredential.der, root.der],
      [clientCredential.der, stranger.der, root.der],
    ]) {
      clientChains.length = 0;
      const identity = { chain, privateKey: clientCredential.key };
      expect(await open({ identity, verify: () => undefined }).unary(Check, {})).toEqual({ status: "SERVING" });
      expect(clientChains).toEqual([chain]);
    }
  });

  it("sends no byte of HTTP/2 when verify throws, and fails with UNAVAILABLE and the verdict as cause", async () => {
    const received: Buffer[] = [];
    listener.on("secureConnection", (socket) => socket.on("data", (chunk: Buffer) => received.push(chunk)));
    const channel = open({
      verify() {
        throw new RangeError("not trusted today");
      },
    });
    const error = await channel.unary(Check, {}).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StatusError);
    expect(error).toMatchObject({
      code: 14,
      message: "no TLS connection: not trusted today",
      cause: { name: "RangeError", message: "not trusted today" },
    });
    const again = await channel.unary(Check, {}).catch((thrown: unknown) => thrown);
    expect(again).toMatchObject({ code: 14, cause: { message: "not trusted today" } });
    expect(Buffer.concat(received)).toHaveLength(0);
  });

  it("verifies every handshake anew: nothing is resumed", async () => {
    let verified = 0;
    const tls: ClientTls = { verify: () => void verified++ };
    await open(tls).unary(Check, {});
    await open(tls).unary(Check, {});
    expect(verified).toBe(2);
  });

  it("verifies anew after the connection was lost", async () => {
    let verified = 0;
    const channel = open({ verify: () => void verified++ });
    await channel.unary(Check, {});
    for (const connection of rpc.connections) connection.close("lost");
    await expect
      .poll(() =>
        channel.unary(Check, {}).then(
          () => verified,
          () => verified,
        ),
      )
      .toBe(2);
  });

  it("refuses a server that does not choose h2", async () => {
    listener.close();
    await listen(undefined);
    const error = await open({ verify: () => undefined })
      .unary(Check, {})
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 14, cause: { message: "the server does not speak HTTP/2" } });
  });

  it("gives up a server that does not answer, and one that hangs up", async () => {
    for (const [answer, message] of [
      [() => undefined, "the TLS handshake takes too long"],
      [(socket: Socket) => socket.end(), "the connection was closed during the TLS handshake"],
    ] as const) {
      listener.close();
      const silent = createPlainServer((socket) => {
        socket.on("error", () => undefined);
        answer(socket);
      });
      silent.listen(0, "127.0.0.1");
      await once(silent, "listening");
      address = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
      const call = open({ verify: () => undefined, handshakeTimeoutMs: 50 }).unary(Check, {});
      const error = await call.catch((thrown: unknown) => thrown);
      silent.close();
      expect(error).toMatchObject({ code: 14, message: expect.stringMatching(new RegExp(`${message}|disconnected`)) });
    }
  });

  it("refuses TLS 1.1", async () => {
    listener.close();
    listener = createServer({
      cert: toPem(serverCredential.der),
      key: serverCredential.key.export({ type: "pkcs8", format: "pem" }),
      minVersion: "TLSv1",
      maxVersion: "TLSv1.1",
      ciphers: "ALL@SECLEVEL=0",
      ALPNProtocols: ["h2"],
    });
    listener.on("tlsClientError", () => undefined);
    listener.listen(0, "127.0.0.1");
    await once(listener, "listening");
    const { port } = listener.address() as AddressInfo;
    // The server itself works: a client that allows TLS 1.1 gets through.
    const old = connectTls({
      port,
      host: "127.0.0.1",
      rejectUnauthorized: false,
      minVersion: "TLSv1",
      ciphers: "ALL@SECLEVEL=0",
    });
    await once(old, "secureConnect");
    expect(old.getProtocol()).toBe("TLSv1.1");
    old.destroy();
    address = `127.0.0.1:${port}`;
    const error = await open({ verify: () => undefined })
      .unary(Check, {})
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 14, cause: { code: expect.stringMatching(/SSL|TLS|EPROTO/) } });
  });
});
