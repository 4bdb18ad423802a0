// SPDX-License-Identifier: Apache-2.0
import { SpiffeId, TrustDomain } from "@mayfly/spiffe";

/** Says whether a verified identity may be the peer. */
export type SpiffeIdMatcher = (id: SpiffeId) => boolean;

/** Each verified peer: the caller decides later, or anybody with an identity may come. */
export function anyPeer(): SpiffeIdMatcher {
  return () => true;
}

/** One of these identities. @throws {SpiffeIdError} */
export function oneOf(...ids: readonly (SpiffeId | string)[]): SpiffeIdMatcher {
  const wanted = new Set(ids.map((id) => SpiffeId.parse(id.toString()).toString()));
  return (id) => wanted.has(id.toString());
}

/** Any identity of this trust domain. @throws {SpiffeIdError} */
export function memberOf(trustDomain: TrustDomain | string): SpiffeIdMatcher {
  const wanted = TrustDomain.parse(trustDomain.toString());
  return (id) => id.memberOf(wanted);
}
