// SPDX-License-Identifier: Apache-2.0
// Compiled against the packed library with skipLibCheck off: what a service in TypeScript writes.
import { Client, Server } from "@grpc/grpc-js";
import {
  callPeer,
  channelCredentials,
  type ConnectionEnd,
  createHttp2Server,
  createHttpsServer,
  exact,
  httpsAgent,
  JwtSource,
  memberOf,
  requestPeer,
  serverCredentials,
  X509Source,
} from "@mayfly/spiffe-client";
import { createDispatcher, createFetch } from "@mayfly/spiffe-client/undici";
import express from "express";
import Fastify from "fastify";

const source = await X509Source.open({ signal: AbortSignal.timeout(1000) });
const ends: ConnectionEnd[] = [];
const server = {
  source,
  authorize: memberOf(source.svid.id.trustDomain),
  onConnectionEnd: (end: ConnectionEnd) => void ends.push(end),
};
const client = { source, authorize: exact("spiffe://example.org/web") };

const app = express();
app.get("/", (request, response) => void response.send(requestPeer(request).id.toString()));
createHttpsServer(server, app).listen(0);
createHttp2Server(server, (stream) => stream.end(requestPeer(stream).id.toString())).listen(0);

const fastify = Fastify({ serverFactory: (handler) => createHttpsServer(server, handler) });
fastify.get("/", (request) => requestPeer(request).id.toString());

const grpc = new Server();
grpc.addService(
  {},
  {
    say: (call: Parameters<typeof callPeer>[0], done: (error: null, text: string) => void) =>
      done(null, callPeer(call).id.path),
  },
);
grpc.bindAsync("127.0.0.1:0", serverCredentials(server), (_error, port) => {
  new Client(`127.0.0.1:${port}`, channelCredentials(client)).close();
});

export const agent = httpsAgent(client);
export const dispatcher = createDispatcher(client);
export const text: Promise<string> = createFetch(client)("https://127.0.0.1/").then((response) => response.text());
const jwt = await JwtSource.open();
export const token: string = (await jwt.fetchSvid({ audience: "api" })).token;
