// SPDX-License-Identifier: Apache-2.0
import type { ServerUnaryCall } from "@grpc/grpc-js";
import type { VerifiedPeer } from "@mayfly/spiffe";
import { PeerError } from "../../errors.ts";

type AuthContext = ReturnType<ServerUnaryCall<unknown, unknown>["getAuthContext"]>;

/** Any call as grpc-js hands it to a handler: unary or a stream in either direction. */
export type HandledCall = Pick<ServerUnaryCall<unknown, unknown>, "getAuthContext">;

const peers = new WeakMap<object, VerifiedPeer>();

/** The AuthContext by which calls of a verified connection know their peer. */
export function authContextOf(peer: VerifiedPeer): AuthContext {
  const context: AuthContext = { transportSecurityType: "ssl" };
  peers.set(context, peer);
  return context;
}

/**
 * Who makes this call: verified and authorized in the handshake of its connection. For servers bound with `serverCredentials`.
 * @throws {PeerError} NO_CERTIFICATE when the call came over another kind of connection
 */
export function callPeer(call: HandledCall): VerifiedPeer {
  const peer = peers.get(call.getAuthContext());
  if (peer === undefined)
    throw new PeerError("NO_CERTIFICATE", "the call came over a connection that was not verified");
  return peer;
}
