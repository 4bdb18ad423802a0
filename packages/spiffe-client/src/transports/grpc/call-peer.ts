// SPDX-License-Identifier: Apache-2.0
import { ServerInterceptingCall, type ServerInterceptingCallInterface, type ServerUnaryCall } from "@grpc/grpc-js";
import type { VerifiedPeer } from "@mayfly/spiffe";
import { PeerError } from "../../errors.ts";

/** Any call as grpc-js hands it to a handler: unary or a stream in either direction. */
export type HandledCall = Pick<ServerUnaryCall<unknown, unknown>, "getAuthContext">;

type AuthContext = ReturnType<HandledCall["getAuthContext"]>;

const peers = new WeakMap<AuthContext, VerifiedPeer>();

/**
 * Who makes this call: verified and authorized in the handshake of its connection. For servers bound with `serverCredentials`.
 * @throws {PeerError} NO_CERTIFICATE when the call came over another kind of connection
 */
export function callPeer(call: HandledCall): VerifiedPeer {
  const peer = peers.get(call.getAuthContext());
  if (peer === undefined) throw new PeerError("NO_CERTIFICATE", "the call came over an unverified connection");
  return peer;
}

/** A call that knows who makes it: the AuthContext goes through all interceptors of the server to its handler. */
export class PeerCall extends ServerInterceptingCall {
  readonly #context: AuthContext = { transportSecurityType: "ssl" };

  constructor(call: ServerInterceptingCallInterface, peer: VerifiedPeer | undefined) {
    super(call);
    if (peer !== undefined) peers.set(this.#context, peer);
  }

  override getAuthContext(): AuthContext {
    return this.#context;
  }
}
