// SPDX-License-Identifier: Apache-2.0
import { SpiffeError, type VerifiedPeer, type X509Svid } from "@mayfly/spiffe";
import { judgeAgain, type PeerRules } from "./authorize-peer.ts";
import type { ConnectionEnd, ConnectionEndReason } from "./connection-end.ts";

/** Why a connection may not go on. */
export type Ending = Pick<ConnectionEnd, "reason" | "error">;

const reasons: Readonly<Record<string, ConnectionEndReason>> = {
  NOT_AUTHORIZED: "NOT_AUTHORIZED",
  EXPIRED: "PEER_EXPIRED",
  REVOKED: "PEER_REVOKED",
};

/** Judges an open connection anew, with what the source knows now. Undefined: it may go on. */
export function judgeConnection(peer: VerifiedPeer, svid: X509Svid, rules: PeerRules): Ending | undefined {
  const { source } = rules;
  const { state, lastError } = source.health;
  if (state === "closed" || state === "failed") {
    return { reason: "SOURCE_CLOSED", ...(lastError instanceof SpiffeError && { error: lastError }) };
  }
  if (!source.context.svids.some(({ id }) => id.equals(svid.id))) return { reason: "SVID_WITHDRAWN" };
  try {
    judgeAgain(peer, rules);
    return undefined;
  } catch (error) {
    // Whatever stands against a verdict stands against the connection.
    if (!(error instanceof SpiffeError)) return { reason: "PEER_UNTRUSTED" };
    return { reason: reasons[error.code] ?? "PEER_UNTRUSTED", error };
  }
}
