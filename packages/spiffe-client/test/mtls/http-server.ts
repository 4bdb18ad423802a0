// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Server, TLSSocket } from "node:tls";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { verifiedPeer } from "../../src/index.ts";
import { listen } from "./listen.ts";
import { type Served, waitOf } from "./transport.ts";

/** Listens with a server whose `request` event has requests of node:http, or that look so. */
export async function serveHttp(server: Server): Promise<Served> {
  const seen: string[] = [];
  const open = new Set<TLSSocket>();
  server.on("secureConnection", (socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
  });
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const connection = "stream" in request ? (request.stream as { session: object }).session : request.socket;
    const said = await text(request);
    const line = `${verifiedPeer(connection)?.id.toString() ?? "nobody"} ${said}`;
    seen.push(line);
    await sleep(waitOf(said));
    response.end(line);
  };
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    // A client that goes away while it is read.
    serve(request, response).catch(() => response.destroy());
  });
  return await listen(server, { seen, open });
}

/** POST of HTTP/1.1. */
export const http1Request: Uint8Array = Buffer.from(
  "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\n\r\nhello",
);

/** 200 of HTTP/1.1. */
export const http1Answer: Uint8Array = Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");

/** Preface, SETTINGS, and a GET with literal headers (RFC 9113 §3.4, RFC 7541 §6.2.2). */
export const http2Request: Uint8Array = Buffer.concat([
  Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  Buffer.from("000000040000000000", "hex"),
  // :method GET, :scheme https, :path /, :authority a
  Buffer.from("000006010500000001", "hex"),
  Buffer.from("828784410161", "hex"),
]);

/** SETTINGS, its acknowledgement, and 200 on stream 1. */
export const http2Answer: Uint8Array = Buffer.from("00000004000000000000000004010000000000000101050000000188", "hex");
