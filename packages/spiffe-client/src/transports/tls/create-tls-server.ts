// SPDX-License-Identifier: Apache-2.0
import { createServer, type Server, type TlsOptions, type TLSSocket } from "node:tls";
import type { VerifiedPeer } from "@mayfly/spiffe";
import { verifiedPeer } from "../../connections/authorize-peer.ts";
import { ConnectionGuard } from "../../connections/connection-guard.ts";
import type { PeerPolicy, ServerConnectionOptions } from "../../connections/options.ts";
import { gateConnections } from "./gate-connections.ts";
import { type OwnServerOption, serverMaterial } from "./server-material.ts";

/** Policy, and the options of `tls.createServer` that the policy leaves open (ALPNProtocols, handshakeTimeout, ciphers …). */
export interface TlsServerOptions extends PeerPolicy, ServerConnectionOptions, Omit<TlsOptions, OwnServerOption> {}

/**
 * `tls.createServer` that shows the newest SVID of the source and hands over only connections whose client was verified and authorized. It
 * does not listen yet. A connection ends when its verdict does; its owner learns by `onConnectionEnd` how long it has.
 * @throws {SourceError} NO_SVID, SVID_EXPIRED, CLOSED
 */
export function createTlsServer(
  options: TlsServerOptions,
  onConnection?: (socket: TLSSocket, peer: VerifiedPeer) => void,
): Server {
  const guard = new ConnectionGuard({ ...options, role: "client" });
  const server = createServer(serverMaterial(options.source, options));
  gateConnections(server, options, (socket, admitted) => {
    // What is under way on a bare connection only its owner knows: it has the time that there is.
    guard.add({ socket, ...admitted, drain: () => undefined, isIdle: () => false });
  });
  server.on("secureConnection", (socket) => {
    const peer = verifiedPeer(socket);
    if (peer !== undefined) onConnection?.(socket, peer);
  });
  return server;
}
