// SPDX-License-Identifier: Apache-2.0
import type { TLSSocket } from "node:tls";
import type { VerifiedPeer, X509Svid } from "@mayfly/spiffe";
import { authorizePeer } from "../../connections/authorize-peer.ts";
import type { PeerPolicy, ServerConnectionOptions } from "../../connections/options.ts";
import { tell } from "../../connections/tell.ts";
import type { ShownSvid } from "./server-material.ts";

/** A client that was let in, and what it was shown. */
export interface Admitted {
  readonly peer: VerifiedPeer;
  readonly svid: X509Svid;
}

/**
 * The verdict of a server on a finished handshake, before anything else sees the socket: a client that is refused is cut off without a
 * byte.
 */
export function admit(
  socket: TLSSocket,
  options: PeerPolicy & ServerConnectionOptions,
  shownOn: ShownSvid,
): Admitted | undefined {
  // A peer that goes away is no error of ours; the owner adds its own listener.
  socket.on("error", () => undefined);
  try {
    // Throws when our own identity was withdrawn.
    const newest = options.source.svid;
    return { svid: shownOn(socket) ?? newest, peer: authorizePeer(socket, { ...options, role: "client" }) };
  } catch (error) {
    socket.destroy();
    tell(() => options.onRefused?.(error, socket));
    return undefined;
  }
}
