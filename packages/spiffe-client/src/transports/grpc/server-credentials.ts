// SPDX-License-Identifier: Apache-2.0
import type { Http2SecureServer, SecureServerOptions } from "node:http2";
import { type SecureContextOptions, Server, TLSSocket } from "node:tls";
import {
  ServerCredentials,
  type ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
} from "@grpc/grpc-js";
import { SpiffeError, type X509Svid } from "@mayfly/spiffe";
import { ConnectionGuard } from "../../connections/connection-guard.ts";
import { tlsMaterial } from "../../connections/material.ts";
import type { PeerPolicy, ServerConnectionOptions } from "../../connections/options.ts";
import { tell } from "../../connections/tell.ts";
import type { X509Source } from "../../sources/x509-source.ts";
import { admit } from "../tls/admit.ts";
import { authContextOf } from "./call-peer.ts";
import { JudgedCall } from "./judged-call.ts";
import { type Judge, type JudgedConnection, judgeConnections } from "./judged-server.ts";

/** What `serverCredentials` needs. */
export interface ServerCredentialsOptions extends PeerPolicy, ServerConnectionOptions {}

/**
 * Credentials for `bindAsync` of a grpc-js server. Each handshake shows the newest SVID, asks for the client's and judges it before
 * HTTP/2 begins: no handler, not even UNIMPLEMENTED, is for a stranger. `callPeer(call)` says in a handler who calls. Nothing is resumed.
 * A connection near its end gets GOAWAY; calls under way finish within the bound. While there is no SVID, connections are dropped.
 */
export function serverCredentials(options: ServerCredentialsOptions): ServerCredentials {
  return new JudgingServerCredentials(options);
}

type Watcher = Parameters<ServerCredentials["_addWatcher"]>[0];

class JudgingServerCredentials extends ServerCredentials {
  readonly #options: ServerCredentialsOptions;
  readonly #guard: ConnectionGuard;
  readonly #authContexts = new WeakMap<JudgedConnection, ReturnType<typeof authContextOf>>();
  /** The newest, then the one that handshakes begun before it still show. */
  #shown: readonly X509Svid[] = [];
  #calling: JudgedConnection | undefined;
  #following: AbortController | undefined;

  constructor(options: ServerCredentialsOptions) {
    super({
      requestCert: true,
      // Our verdict replaces OpenSSL's.
      rejectUnauthorized: false,
      handshakeTimeout: 10_000,
      ALPNCallback: negotiate((server) => judgeConnections(server, judge)),
    });
    const judge: Judge = {
      admit: (socket) => admit(socket, options, () => this.#shownOn(socket)),
      failed: (error, socket) => tell(() => options.onRefused?.(error, socket)),
      accepted: (connection) => this.#accepted(connection),
      mayCall: ({ socket }) => options.closeConnections === false || this.#guard.isLive(socket),
      run: (connection, take) => this.#run(connection, take),
    };
    this.#options = options;
    this.#guard = new ConnectionGuard({ ...options, role: "client" });
  }

  override _equals(other: ServerCredentials): boolean {
    return this === other;
  }

  /** The SVID of now; null = there is none, connections are dropped. */
  override _getSecureContextOptions(): SecureContextOptions | null {
    const svid = currentSvid(this.#options.source);
    if (svid === undefined) return null;
    if (svid !== this.#shown[0]) this.#shown = [svid, ...this.#shown.slice(0, 1)];
    return tlsMaterial(svid);
  }

  override _getInterceptors(): ServerInterceptor[] {
    return [(_method, call) => this.#know(call)];
  }

  override _addWatcher(watcher: Watcher): void {
    super._addWatcher(watcher);
    if (this.#following !== undefined) return;
    this.#following = new AbortController();
    void this.#follow(this.#following.signal);
  }

  override _removeWatcher(watcher: Watcher): void {
    super._removeWatcher(watcher);
    if (this.getWatcherCount() > 0) return;
    this.#following?.abort();
    this.#following = undefined;
  }

  /** Shows the newest SVID in new handshakes while a server listens. */
  async #follow(signal: AbortSignal): Promise<void> {
    try {
      for await (const _update of this.#options.source.updates({ signal })) {
        const svid = currentSvid(this.#options.source);
        if (svid === undefined || svid !== this.#shown[0])
          this.updateSecureContextOptions(this._getSecureContextOptions());
      }
    } catch {
      // What ended the source is what it says from now on: there is no SVID to show.
    }
    if (!signal.aborted) this.updateSecureContextOptions(null);
  }

  #accepted(connection: JudgedConnection): void {
    const { socket, peer, svid, session } = connection;
    this.#authContexts.set(connection, authContextOf(peer));
    this.#guard.add({ socket, peer, svid, drain: () => session.close(), isIdle: () => connection.isIdle() });
  }

  #shownOn(socket: TLSSocket): X509Svid | undefined {
    const raw = socket.getX509Certificate()?.raw;
    return this.#shown.find(({ chain: [leaf] }) => leaf !== undefined && raw?.equals(leaf.der) === true);
  }

  #run(connection: JudgedConnection, take: () => void): void {
    this.#calling = connection;
    try {
      take();
    } finally {
      this.#calling = undefined;
    }
  }

  /** grpc-js asks for this while it takes the call. */
  #know(call: ServerInterceptingCallInterface): ServerInterceptingCall {
    const authContext = this.#calling === undefined ? undefined : this.#authContexts.get(this.#calling);
    return new JudgedCall(call, authContext ?? {});
  }
}

/** The first moment of a handshake at which its server can be known: `this` is the socket. Without it nothing is negotiated. */
function negotiate(judge: (server: Http2SecureServer) => void): SecureServerOptions["ALPNCallback"] {
  const judged = new WeakSet<Http2SecureServer>();
  return function (this: unknown, { protocols }: { readonly protocols: readonly string[] }): string | undefined {
    const server: unknown = this instanceof TLSSocket ? Reflect.get(this, "server") : undefined;
    if (!isHttp2Server(server) || !protocols.includes("h2")) return undefined;
    if (!judged.has(server)) judge(server);
    judged.add(server);
    return "h2";
  };
}

function isHttp2Server(server: unknown): server is Http2SecureServer {
  return server instanceof Server && "updateSettings" in server;
}

function currentSvid(source: X509Source): X509Svid | undefined {
  try {
    return source.svid;
  } catch (error) {
    if (error instanceof SpiffeError) return undefined;
    throw error;
  }
}
