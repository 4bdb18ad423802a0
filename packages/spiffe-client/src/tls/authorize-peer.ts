// SPDX-License-Identifier: Apache-2.0
import type { TLSSocket } from "node:tls";
import { peerChain } from "@mayfly/rpc";
import {
  type BundleLookup,
  type SpiffeIdMatcher,
  type VerifiedPeer,
  verifyPeer,
  type X509Bundle,
} from "@mayfly/spiffe";
import { PeerError } from "../errors.ts";

/** What a peer is judged by. */
export interface PeerRules {
  readonly bundles: BundleLookup<X509Bundle>;
  readonly authorize: SpiffeIdMatcher;
  /** The end of TLS that the peer is. */
  readonly role: "client" | "server";
}

const verified = new WeakMap<TLSSocket, VerifiedPeer>();

/**
 * Verifies and authorizes the peer of a finished handshake, before a byte of it is used. OpenSSL's verdict is not looked at.
 * @throws {PeerError} NO_CERTIFICATE, NOT_AUTHORIZED, RESUMED; {X509SvidError}
 */
export function authorizePeer(socket: TLSSocket, { bundles, authorize, role }: PeerRules): VerifiedPeer {
  if (socket.isSessionReused()) throw new PeerError("RESUMED", "a resumed session carries no proof of who the peer is");
  const chain = peerChain(socket);
  if (chain.length === 0) throw new PeerError("NO_CERTIFICATE", "the peer showed no certificate");
  const peer = verifyPeer(chain, bundles, { now: new Date(), role });
  if (!authorize(peer.id)) throw new PeerError("NOT_AUTHORIZED", `${peer.id.toString()} is not authorized`);
  verified.set(socket, peer);
  return peer;
}

/** The peer of a connection that `authorizePeer`, `createTlsServer` or `connectTls` let through; undefined for any other. */
export function verifiedPeer(socket: TLSSocket): VerifiedPeer | undefined {
  return verified.get(socket);
}
