// SPDX-License-Identifier: Apache-2.0
import type { TLSSocket } from "node:tls";
import type { SpiffeIdMatcher } from "@mayfly/spiffe";
import type { X509Source } from "../sources/x509-source.ts";
import type { ConnectionEnd } from "./connection-end.ts";

/** Who we are and who the peer may be: what every mTLS helper takes. */
export interface PeerPolicy {
  /** Gives the own SVID and the bundles that peers are verified with; stays the caller's. */
  readonly source: X509Source;
  /** Says whether a verified identity may be the peer. Asked in the handshake, and again for open connections at each update of the source. */
  readonly authorize: SpiffeIdMatcher;
}

/** How open connections end when what they rest on ends. */
export interface ConnectionOptions {
  /** Whether they are closed; the event comes in any case. Default true. */
  readonly closeConnections?: boolean | undefined;
  /**
   * How long before its expiry a connection takes nothing new, in ms: at most a tenth of what was left at the handshake, and twice as long
   * where the client is ours. When a peer is revoked or no longer wanted, what is under way has as long, but no more than 1,000 ms.
   * Default 5,000.
   */
  readonly drainMs?: number | undefined;
  /** Told once for each reason before anything is closed. What it throws is ignored. */
  readonly onConnectionEnd?: ((end: ConnectionEnd, socket: TLSSocket) => void) | undefined;
}

/** The same for servers. */
export interface ServerConnectionOptions extends ConnectionOptions {
  /** Told why a client was refused; it learns nothing but the end of the connection. What it throws is ignored. */
  readonly onRefused?: ((error: unknown, socket: TLSSocket) => void) | undefined;
}
