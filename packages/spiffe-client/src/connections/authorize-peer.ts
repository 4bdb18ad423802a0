// SPDX-License-Identifier: Apache-2.0
import type { TLSSocket } from "node:tls";
import { peerChain } from "@mayfly/rpc";
import type { SpiffeIdMatcher, VerifiedPeer } from "@mayfly/spiffe";
import { PeerError } from "../errors.ts";
import type { PeerPolicy } from "./options.ts";
import { verifyChain } from "./verify-chain.ts";

/** What a peer is judged by. */
export interface PeerRules extends PeerPolicy {
  /** The end of TLS that the peer is. */
  readonly role: "client" | "server";
}

const verified = new WeakMap<object, VerifiedPeer>();
// Not asked of the socket again: node forgets it when HTTP/2 takes the socket over.
const shown = new WeakMap<VerifiedPeer, readonly Uint8Array[]>();

/**
 * Verifies and authorizes the peer of a finished handshake, before a byte of it is used. OpenSSL's verdict is not looked at.
 * @throws {PeerError} NO_CERTIFICATE, NOT_AUTHORIZED, RESUMED; {X509SvidError}; {SourceError} CLOSED
 */
export function authorizePeer(socket: TLSSocket, rules: PeerRules): VerifiedPeer {
  if (socket.isSessionReused()) throw new PeerError("RESUMED", "a resumed session carries no proof of who the peer is");
  const chain = peerChain(socket);
  if (chain.length === 0) throw new PeerError("NO_CERTIFICATE", "the peer showed no certificate");
  const peer = judge(chain, rules);
  verified.set(socket, peer);
  shown.set(peer, chain);
  return peer;
}

/** The verdict of now on a peer that was let in before. @throws as `authorizePeer` */
export function judgeAgain(peer: VerifiedPeer, rules: PeerRules): void {
  judge(shown.get(peer) ?? peer.chain.map(({ der }) => der), rules);
}

function judge(chain: readonly Uint8Array[], { source, authorize, role }: PeerRules): VerifiedPeer {
  const peer = verifyChain(chain, source, role);
  if (!isAuthorized(peer, authorize)) {
    throw new PeerError("NOT_AUTHORIZED", `${peer.id.toString()} is not authorized`);
  }
  return peer;
}

/** Nothing but true lets a peer in: a promise would be truthy, and comes too late. */
function isAuthorized({ id }: VerifiedPeer, authorize: SpiffeIdMatcher): boolean {
  const unknown = `whether ${id.toString()} is authorized can't be said`;
  let answer: unknown;
  try {
    answer = authorize(id);
  } catch (cause) {
    throw new PeerError("NOT_AUTHORIZED", unknown, { cause });
  }
  if (typeof answer === "boolean") return answer;
  // Its rejection would end the process, and the peer says when.
  if (answer instanceof Promise) answer.catch(() => undefined);
  throw new PeerError("NOT_AUTHORIZED", `${unknown}: authorize must answer at once, with true or false`);
}

/** Lets `verifiedPeer` find the peer of a verified socket by what stands for that connection elsewhere, such as an HTTP/2 session. */
export function rememberPeer(connection: object, peer: VerifiedPeer): void {
  verified.set(connection, peer);
}

/** The peer of a connection (socket or HTTP/2 session) that a helper of this package let through; undefined for any other. */
export function verifiedPeer(connection: object): VerifiedPeer | undefined {
  return verified.get(connection);
}
