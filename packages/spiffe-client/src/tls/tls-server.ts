// SPDX-License-Identifier: Apache-2.0
import { createServer, type Server, type TlsOptions, type TLSSocket } from "node:tls";
import type { SpiffeIdMatcher, VerifiedPeer } from "@mayfly/spiffe";
import type { X509Source } from "../x509-source.ts";
import { authorizePeer } from "./authorize-peer.ts";
import { tlsMaterial } from "./material.ts";

/** What a server of `createTlsServer` needs. */
export interface TlsServerOptions {
  readonly source: X509Source;
  readonly authorize: SpiffeIdMatcher;
  /** Application protocols, the preferred first. Default: none. */
  readonly alpnProtocols?: readonly string[] | undefined;
  /** Told why a client was refused; it learns nothing but the end of the connection. */
  readonly onRefused?: ((error: unknown, socket: TLSSocket) => void) | undefined;
}

/**
 * Options for a server of node:tls or node:https with the SVID of now: a client certificate is asked for and has to be judged by
 * `authorizePeer` in `secureConnection`; OpenSSL's verdict is switched off. `setSecureContext` takes them again after an update.
 */
export function tlsServerOptions(source: X509Source): TlsOptions {
  return { ...tlsMaterial(source.svid), requestCert: true, rejectUnauthorized: false, handshakeTimeout: 10_000 };
}

/**
 * A TLS server that shows the newest SVID of the source and hands over only connections whose client was verified and authorized. It
 * does not listen yet.
 */
export function createTlsServer(
  options: TlsServerOptions,
  onConnection: (socket: TLSSocket, peer: VerifiedPeer) => void,
): Server {
  const { source, authorize, alpnProtocols, onRefused } = options;
  const server = createServer({
    ...tlsServerOptions(source),
    ...(alpnProtocols === undefined ? {} : { ALPNProtocols: [...alpnProtocols] }),
  });
  server.on("secureConnection", (socket) => {
    // A peer that goes away is no error of ours; the owner adds its own listener.
    socket.on("error", () => undefined);
    let peer: VerifiedPeer;
    try {
      // Throws when our own identity was withdrawn.
      void source.svid;
      peer = authorizePeer(socket, { bundles: source.bundles, authorize, role: "client" });
    } catch (error) {
      socket.destroy();
      onRefused?.(error, socket);
      return;
    }
    onConnection(socket, peer);
  });
  server.on("tlsClientError", (error, socket) => onRefused?.(error, socket));
  showNewest(server, source);
  return server;
}

/** Takes the newest SVID whenever a client connects. A withdrawn one stays in place: the client is refused after the handshake. */
function showNewest(server: Server, source: X509Source): void {
  let shown = source.context;
  server.prependListener("connection", () => {
    const { context } = source;
    const [svid] = context.svids;
    if (context === shown || svid === undefined) return;
    server.setSecureContext(tlsMaterial(svid));
    shown = context;
  });
}
