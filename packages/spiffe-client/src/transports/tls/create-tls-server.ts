// SPDX-License-Identifier: Apache-2.0
import { createServer, type Server, type TlsOptions, type TLSSocket } from "node:tls";
import type { VerifiedPeer } from "@mayfly/spiffe";
import { ConnectionGuard } from "../../connections/connection-guard.ts";
import type { PeerPolicy, ServerConnectionOptions } from "../../connections/options.ts";
import { tell } from "../../connections/tell.ts";
import { admit } from "./admit.ts";
import { type OwnServerOption, serverMaterial, showNewest } from "./server-material.ts";

/** Policy, and the options of `tls.createServer` that the policy leaves open (ALPNProtocols, handshakeTimeout, ciphers …). */
export interface TlsServerOptions extends PeerPolicy, ServerConnectionOptions, Omit<TlsOptions, OwnServerOption> {}

/**
 * `tls.createServer` that shows the newest SVID of the source and hands over only connections whose client was verified and authorized. It
 * does not listen yet. A connection ends when its verdict does; its owner learns by `onConnectionEnd` how long it has.
 * @throws {SourceError} NO_SVID, SVID_EXPIRED, CLOSED
 */
export function createTlsServer(
  options: TlsServerOptions,
  onConnection: (socket: TLSSocket, peer: VerifiedPeer) => void,
): Server {
  const guard = new ConnectionGuard({ ...options, role: "client" });
  const server = createServer(serverMaterial(options.source, options));
  const shownOn = showNewest(server, options.source, options);
  server.on("secureConnection", (socket) => {
    const admitted = admit(socket, options, shownOn);
    if (admitted === undefined) return;
    // What is under way on a bare connection only its owner knows: it has the time that there is.
    guard.add({ socket, ...admitted, drain: () => undefined, isIdle: () => false });
    if (!socket.destroyed) onConnection(socket, admitted.peer);
  });
  server.on("tlsClientError", (error, socket) => tell(() => options.onRefused?.(error, socket)));
  return server;
}
