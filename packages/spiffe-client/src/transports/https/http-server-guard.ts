// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage, ServerResponse } from "node:http";
import { constants, type Http2Session, type Http2Stream, type ServerHttp2Session } from "node:http2";
import type { Server, TlsOptions, TLSSocket } from "node:tls";
import { rememberPeer } from "../../connections/authorize-peer.ts";
import { ConnectionGuard } from "../../connections/connection-guard.ts";
import type { PeerPolicy, ServerConnectionOptions } from "../../connections/options.ts";
import type { Admitted } from "../tls/admit.ts";
import { gateConnections } from "../tls/gate-connections.ts";

interface HttpConnection {
  readonly responses: Set<ServerResponse>;
  session?: Http2Session;
  /** HTTP no more: CONNECT or Upgrade. */
  upgraded: boolean;
}

/** Puts verdict and guard in front of everything that a server of node:https or node:http2 does with a connection. */
export function guardHttpServer(server: Server, options: PeerPolicy & ServerConnectionOptions & TlsOptions): void {
  const guarded = new HttpServerGuard(options);
  gateConnections(server, options, (socket, admitted) => guarded.admitted(socket, admitted), {
    session: (session: ServerHttp2Session) => guarded.session(session),
    stream: (stream: Http2Stream) => guarded.stream(stream),
    request: (request: IncomingMessage, response: ServerResponse) => guarded.request(request, response),
    checkContinue: (request: IncomingMessage, response: ServerResponse) => guarded.request(request, response),
    checkExpectation: (request: IncomingMessage, response: ServerResponse) => guarded.request(request, response),
    upgrade: (request: IncomingMessage) => guarded.upgrade(request),
    connect: (request: IncomingMessage) => guarded.upgrade(request),
  });
}

class HttpServerGuard {
  readonly #guard: ConnectionGuard;
  readonly #connections = new WeakMap<object, HttpConnection>();
  readonly #sockets = new WeakMap<object, TLSSocket>();
  /** The last one admitted: node makes the HTTP/2 session of a socket within the event that hands the socket over. */
  #newest: { readonly socket: TLSSocket; readonly admitted: Admitted } | undefined;

  constructor(options: PeerPolicy & ServerConnectionOptions) {
    this.#guard = new ConnectionGuard({ ...options, role: "client" });
  }

  admitted(socket: TLSSocket, admitted: Admitted): void {
    const connection: HttpConnection = { responses: new Set(), upgraded: false };
    this.#connections.set(socket, connection);
    this.#newest = { socket, admitted };
    this.#guard.add({
      socket,
      ...admitted,
      drain: () => drain(connection),
      // A session that drains closes itself with its last stream.
      isIdle: () => connection.session === undefined && !connection.upgraded && connection.responses.size === 0,
    });
  }

  session(session: ServerHttp2Session): boolean {
    const newest = this.#newest;
    const connection = newest && this.#connections.get(newest.socket);
    this.#newest = undefined;
    if (newest === undefined || connection === undefined || connection.session !== undefined) {
      session.destroy();
      return false;
    }
    connection.session = session;
    this.#sockets.set(session, newest.socket);
    rememberPeer(session, newest.admitted.peer);
    return true;
  }

  stream(stream: Http2Stream): boolean {
    const socket = stream.session && this.#sockets.get(stream.session);
    if (socket !== undefined && this.#guard.mayServe(socket)) return true;
    // Nobody else listens to it.
    stream.on("error", () => undefined);
    stream.close(constants.NGHTTP2_REFUSED_STREAM);
    return false;
  }

  request(request: IncomingMessage, response: ServerResponse): boolean {
    const socket = request.socket as TLSSocket;
    const connection = this.#connections.get(socket);
    // HTTP/2 behind node's HTTP/1 face: its stream came through the gate above.
    if (connection === undefined) return "stream" in request;
    const mayServe = this.#guard.mayServe(socket);
    if (!mayServe || !this.#guard.isLive(socket)) response.shouldKeepAlive = false;
    connection.responses.add(response);
    response.once("close", () => {
      connection.responses.delete(response);
      if (connection.responses.size === 0) this.#guard.idle(socket);
    });
    // Only with pipelining: the connection ends as soon as it is idle.
    if (!mayServe) response.writeHead(503).end();
    return mayServe;
  }

  upgrade(request: IncomingMessage): boolean {
    const socket = request.socket as TLSSocket;
    const connection = this.#connections.get(socket);
    if (connection === undefined) return "stream" in request;
    const mayServe = this.#guard.mayServe(socket);
    if (mayServe) connection.upgraded = true;
    else socket.destroy();
    return mayServe;
  }
}

function drain({ session, responses }: HttpConnection): void {
  if (session !== undefined) goAway(session);
  for (const response of responses) response.shouldKeepAlive = false;
}

/** The client learns which of its requests are not taken, and closes a round trip later: none is lost with the socket (RFC 9113 §6.8). */
function goAway(session: Http2Session): void {
  const close = (): void => session.close();
  if (session.closed || session.destroyed) return;
  session.goaway();
  // A client that does not answer is cut off at the end that it was told.
  if (!session.ping(close)) close();
}
