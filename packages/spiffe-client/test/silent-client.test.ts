// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { type AddressInfo, connect } from "node:net";
import type { Server } from "node:tls";
import { TestCa } from "@mayfly/testkit";
import { describe, expect, it } from "vitest";
import { anyPeer, createHttp2Server, createHttpsServer, createTlsServer } from "../src/index.ts";
import { codeOf } from "./mtls/transport.ts";
import { sourceOf } from "./mtls/workload.ts";

const ca = TestCa.create();
const source = sourceOf(ca.issue("/server"), [ca]);

const servers = [
  ["tls", createTlsServer],
  ["https", createHttpsServer],
  ["http2", createHttp2Server],
] as const;

/** Listens on 127.0.0.1 and gives handshakes 200 ms. */
async function serve(make: (typeof servers)[number][1], refused: unknown[]): Promise<Server> {
  const onRefused = (error: unknown): void => void refused.push(error);
  const server: Server = make({ source, authorize: anyPeer(), handshakeTimeout: 200, onRefused });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

describe.each(servers)("a server of %s", (_name, make) => {
  it.each([
    ["says nothing", "", "ERR_TLS_HANDSHAKE_TIMEOUT"],
    ["begins a handshake and no more", "\u0016\u0003\u0001\u0002\u0000", "ERR_TLS_HANDSHAKE_TIMEOUT"],
    ["does not speak TLS", "GET / HTTP/1.1\r\n\r\n", "ERR_SSL_HTTP_REQUEST"],
  ])("cuts off who %s, and tells why", async (_what, octets, code) => {
    const refused: unknown[] = [];
    const server = await serve(make, refused);
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    socket.on("error", () => undefined);
    socket.resume();
    socket.write(octets, "latin1");
    await once(socket, "close");
    expect(refused.map(codeOf)).toEqual([code]);
    await expect.poll(() => connectionsOf(server)).toBe(0);
    server.close();
  });
});

function connectionsOf(server: Server): Promise<number> {
  return new Promise((resolve) => server.getConnections((_error, count) => resolve(count)));
}
