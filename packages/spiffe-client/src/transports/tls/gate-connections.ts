// SPDX-License-Identifier: Apache-2.0
import type { Server, TlsOptions, TLSSocket } from "node:tls";
import type { PeerPolicy, ServerConnectionOptions } from "../../connections/options.ts";
import { tell } from "../../connections/tell.ts";
import { admit, type Admitted } from "./admit.ts";
import { type EventGates, gateEvents } from "./gate-events.ts";
import { showNewest } from "./server-material.ts";

/**
 * Puts the verdict in front of `secureConnection`: only verified and authorized clients come so far, with the newest SVID of the source
 * shown to them. `onAdmitted` is called before any listener; `gates` are those of other events.
 */
export function gateConnections(
  server: Server,
  options: PeerPolicy & ServerConnectionOptions & TlsOptions,
  onAdmitted: (socket: TLSSocket, admitted: Admitted) => void,
  gates: EventGates = {},
): void {
  const shownOn = showNewest(server, options.source, options);
  const secureConnection = (socket: TLSSocket): boolean => {
    const admitted = admit(socket, options, shownOn);
    if (admitted === undefined) return false;
    onAdmitted(socket, admitted);
    return !socket.destroyed;
  };
  gateEvents(server, { ...gates, secureConnection });
  server.on("tlsClientError", (error, socket) => {
    // node:tls leaves a handshake that takes too long open.
    socket.destroy();
    tell(() => options.onRefused?.(error, socket));
  });
}
