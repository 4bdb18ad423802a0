// SPDX-License-Identifier: Apache-2.0
import type { SpiffeError, VerifiedPeer } from "@mayfly/spiffe";

/**
 * `PEER_EXPIRED` a certificate of the peer's path ends · `PEER_REVOKED` a revocation list names one · `PEER_UNTRUSTED` the bundle that it
 * rests on is gone or changed · `NOT_AUTHORIZED` `authorize` says no by now · `SVID_EXPIRED` the own SVID that was shown ends ·
 * `SVID_WITHDRAWN` the own identity was taken back · `SOURCE_CLOSED` nobody watches over the connection any more.
 */
export type ConnectionEndReason =
  | "PEER_EXPIRED"
  | "PEER_REVOKED"
  | "PEER_UNTRUSTED"
  | "NOT_AUTHORIZED"
  | "SVID_EXPIRED"
  | "SVID_WITHDRAWN"
  | "SOURCE_CLOSED";

/** Why an open connection to a verified peer comes to its end. */
export interface ConnectionEnd {
  readonly reason: ConnectionEndReason;
  readonly peer: VerifiedPeer;
  /** The verdict of now, where the reason is one. */
  readonly error?: SpiffeError | undefined;
  /** When the socket is destroyed at the latest, finished or not. */
  readonly closesAt: Date;
}
