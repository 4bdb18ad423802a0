// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Client, Server, type ServerUnaryCall, type sendUnaryData } from "@grpc/grpc-js";
import {
  callPeer,
  channelCredentials,
  type PeerPolicy,
  serverCredentials,
  type ServerConnectionOptions,
} from "../../src/index.ts";
import { http2Answer, http2Request } from "./http-server.ts";
import { type Served, type Transport, waitOf } from "./transport.ts";

const path = "/test.Echo/Say";
const write = (text: string): Buffer => Buffer.from(text);
const read = (bytes: Buffer): string => bytes.toString();
const say = {
  path,
  requestStream: false,
  responseStream: false,
  requestSerialize: write,
  requestDeserialize: read,
  responseSerialize: write,
  responseDeserialize: read,
};

/** Stock server and clients of grpc-js. Connections are counted on their way in. */
async function serve(options: PeerPolicy & ServerConnectionOptions): Promise<Served> {
  const seen: string[] = [];
  const server = new Server();
  const answer = async (call: ServerUnaryCall<string, string>, done: sendUnaryData<string>): Promise<void> => {
    const line = `${callPeer(call).id.toString()} ${call.request}`;
    seen.push(line);
    await sleep(waitOf(call.request));
    done(null, line);
  };
  server.addService(
    { say },
    { say: (call: ServerUnaryCall<string, string>, done: sendUnaryData<string>) => void answer(call, done) },
  );
  const injector = server.createConnectionInjector(serverCredentials(options));
  const open = new Set<Socket>();
  const listener = createServer((socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    injector.injectConnection(socket);
  }).listen(0, "127.0.0.1");
  await once(listener, "listening");
  return {
    port: (listener.address() as AddressInfo).port,
    seen,
    connections: () => open.size,
    close() {
      listener.close();
      injector.destroy();
      server.forceShutdown();
      for (const socket of open) socket.destroy();
      return Promise.resolve();
    },
  };
}

/** grpc-js: its errors are UNAVAILABLE with a text, the refusal itself comes by `onRefused`. */
export const grpcTransport: Transport = {
  name: "grpc-js",
  alpn: ["h2"],
  request: http2Request,
  answer: http2Answer,
  serve,
  client(options, port) {
    let refusal: unknown;
    const credentials = channelCredentials({ ...options, onRefused: (error) => void (refusal = error) });
    const client = new Client(`127.0.0.1:${port}`, credentials, {
      "grpc.initial_reconnect_backoff_ms": 20,
      "grpc.max_reconnect_backoff_ms": 50,
    });
    return {
      request: (text) =>
        new Promise((resolve, reject) => {
          refusal = undefined;
          client.makeUnaryRequest(path, write, read, text, (error, answer) =>
            error === null ? resolve(answer ?? "") : reject(refusal ?? error),
          );
        }),
      close() {
        client.close();
        return Promise.resolve();
      },
    };
  },
};
