// SPDX-License-Identifier: Apache-2.0
import type { ChannelCredentials } from "@grpc/grpc-js";
import { TlsCredentials } from "@mayfly/rpc";
import { authorizePeer } from "../../connections/authorize-peer.ts";
import { ConnectionGuard } from "../../connections/connection-guard.ts";
import { tlsContext } from "../../connections/material.ts";
import type { ConnectionOptions, PeerPolicy } from "../../connections/options.ts";
import { tell } from "../../connections/tell.ts";
import { clientSession } from "./client-session.ts";

/** What `channelCredentials` needs. */
export interface ChannelCredentialsOptions extends PeerPolicy, ConnectionOptions {
  /** Name for the server name indication; default: the host of the channel's target. It says nothing about who the server is. */
  readonly serverName?: string | undefined;
  /** Told why there is no connection: the server was refused, or there is no SVID to show. Calls fail with UNAVAILABLE and the message. */
  readonly onRefused?: ((error: unknown) => void) | undefined;
}

/**
 * Credentials for clients and channels of grpc-js. Each connection of a channel, also after a reconnect, shows the SVID of then, and no
 * byte of a call leaves before the server was verified and authorized. Nothing is resumed. A connection near its end takes no new call:
 * the next one opens another.
 */
export function channelCredentials(options: ChannelCredentialsOptions): ChannelCredentials {
  const { source, authorize, serverName, onRefused } = options;
  const guard = new ConnectionGuard({ ...options, role: "server" });
  const reported = <T>(step: () => T): T => {
    try {
      return step();
    } catch (error) {
      tell(() => onRefused?.(error));
      throw error;
    }
  };
  return new TlsCredentials({
    serverName,
    get secureContext() {
      return reported(() => tlsContext(source.svid));
    },
    verify: (_chain, socket) =>
      reported(() => {
        const peer = authorizePeer(socket, { source, authorize, role: "server" });
        const session = clientSession(socket);
        guard.add({ socket, peer, drain: () => session.drain(), isIdle: () => session.isIdle() });
      }),
  });
}
