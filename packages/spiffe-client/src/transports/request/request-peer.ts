// SPDX-License-Identifier: Apache-2.0
import type { VerifiedPeer } from "@mayfly/spiffe";
import { verifiedPeer } from "../../connections/authorize-peer.ts";
import { PeerError } from "../../errors.ts";

/**
 * What came over a connection: IncomingMessage of node:http(s), Http2ServerRequest, ServerHttp2Stream, and requests of frameworks that are
 * one (express) or have one as `raw` (fastify).
 */
export interface PeerRequest {
  readonly socket?: object | null | undefined;
  readonly session?: object | null | undefined;
  readonly stream?: object | null | undefined;
  readonly raw?: object | null | undefined;
}

/**
 * Who sent this request: verified and authorized in the handshake of its connection. For servers made by a helper of this package.
 * @throws {PeerError} NO_CERTIFICATE when the connection was not verified by one: plain text, another server, a proxy in front
 */
export function requestPeer(request: PeerRequest): VerifiedPeer {
  const peer = find(request) ?? find(request.raw);
  if (peer === undefined) throw new PeerError("NO_CERTIFICATE", "the request came over an unverified connection");
  return peer;
}

/** By the session where there is one: what HTTP/2 shows as a socket is a stand-in. */
function find(request: PeerRequest | null | undefined): VerifiedPeer | undefined {
  const stream: PeerRequest | null | undefined = request?.stream;
  const places = [stream?.session, request?.session, request?.socket];
  return places.flatMap((place) => (place && verifiedPeer(place)) ?? [])[0];
}
