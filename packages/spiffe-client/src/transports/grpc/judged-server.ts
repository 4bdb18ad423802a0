// SPDX-License-Identifier: Apache-2.0
import { constants, type Http2SecureServer, type ServerHttp2Session } from "node:http2";
import type { TLSSocket } from "node:tls";
import type { Admitted } from "../tls/admit.ts";

/** A verified connection of a gRPC server. */
export interface JudgedConnection extends Admitted {
  readonly socket: TLSSocket;
  readonly session: ServerHttp2Session;
  /** No call is open. */
  isIdle(): boolean;
}

/** What happens on the way of a connection into a server. */
export interface Judge {
  /** Says who the peer is, or cuts it off. */
  admit(socket: TLSSocket): Admitted | undefined;
  /** A handshake failed. */
  failed(error: unknown, socket: TLSSocket): void;
  accepted(connection: JudgedConnection): void;
  /** Whether a call may begin; one that may not is sent back as one that was not looked at, so that its client tries elsewhere. */
  mayCall(connection: JudgedConnection): boolean;
  /** Runs what takes a call. */
  run(connection: JudgedConnection, take: () => void): void;
}

/** Puts a judge between the TLS handshakes of an HTTP/2 server and everything that listens to it already. */
export function judgeConnections(server: Http2SecureServer, judge: Judge): void {
  const connections = new WeakMap<object, JudgedConnection>();
  let entering: (Admitted & { readonly socket: TLSSocket }) | undefined;
  const listeners = server.rawListeners("secureConnection");
  server.removeAllListeners("secureConnection");
  server.on("secureConnection", (socket) => {
    const admitted = judge.admit(socket);
    if (admitted === undefined) return;
    entering = { ...admitted, socket };
    try {
      for (const listener of listeners) listener.call(server, socket);
    } finally {
      entering = undefined;
    }
  });
  server.on("tlsClientError", (error, socket) => judge.failed(error, socket));
  server.prependListener("session", (session) => {
    if (entering === undefined) return session.destroy();
    const connection = { ...entering, session, isIdle: openStreams(session) };
    connections.set(session, connection);
    judge.accepted(connection);
  });
  const takers = server.rawListeners("stream");
  server.removeAllListeners("stream");
  server.on("stream", (stream, ...rest) => {
    const connection = stream.session === undefined ? undefined : connections.get(stream.session);
    if (connection !== undefined && judge.mayCall(connection)) {
      judge.run(connection, () => {
        for (const taker of takers) taker.call(server, stream, ...rest);
      });
    } else {
      stream.on("error", () => undefined);
      stream.close(constants.NGHTTP2_REFUSED_STREAM);
    }
  });
}

/** Whether no stream is open, from now on. */
function openStreams(session: ServerHttp2Session): () => boolean {
  let open = 0;
  session.prependListener("stream", (stream) => {
    open++;
    stream.once("close", () => open--);
  });
  return () => open === 0;
}
