// SPDX-License-Identifier: Apache-2.0
import { SpiffeIdError } from "./errors.ts";
import { quote } from "./quote.ts";
import { SpiffeId } from "./spiffe-id.ts";
import { TrustDomain } from "./trust-domain.ts";

/** Says whether a verified identity may be the peer. Asked after `verifyPeer`, never instead of it. */
export type SpiffeIdMatcher = (id: SpiffeId) => boolean;

/** Each verified peer: the caller decides later, or anybody with an identity may come. */
export function anyPeer(): SpiffeIdMatcher {
  return () => true;
}

/** This identity and no other. @throws {SpiffeIdError} */
export function exact(id: SpiffeId | string): SpiffeIdMatcher {
  const wanted = SpiffeId.parse(id.toString());
  return (peer) => peer.equals(wanted);
}

/** One of these identities; without any, nobody. @throws {SpiffeIdError} */
export function oneOf(...ids: readonly (SpiffeId | string)[]): SpiffeIdMatcher {
  const wanted = new Set(ids.map((id) => SpiffeId.parse(id.toString()).toString()));
  return (id) => wanted.has(id.toString());
}

/** Any identity of this trust domain; not of those whose name ends or begins like it. @throws {SpiffeIdError} */
export function memberOf(trustDomain: TrustDomain | string): SpiffeIdMatcher {
  const wanted = TrustDomain.parse(trustDomain.toString());
  return (id) => id.memberOf(wanted);
}

const oneSegment = "*";
const restOfPath = "**";

/**
 * Identities whose path fits a pattern: a SPIFFE ID in which a whole segment may be `*`, exactly one segment, and the last may be `**`,
 * one or more. For example "spiffe://example.org/ns/prod/**". Trust domain and segments are compared whole and
 * case-sensitively; nothing else has a meaning: no prefix, no regular expression, no encoding.
 * @throws {SpiffeIdError} of `SpiffeId.parse`; BAD_PATH_CHAR for a star inside a segment and for `**` that is not the last
 */
export function matchPath(pattern: string): SpiffeIdMatcher {
  const { trustDomain, segments } = readPattern(pattern);
  const open = segments.at(-1) === restOfPath;
  const fixed = open ? segments.slice(0, -1) : segments;
  return (id) => {
    if (!id.memberOf(trustDomain)) return false;
    const path = id.segments;
    if (open ? path.length <= fixed.length : path.length !== fixed.length) return false;
    return fixed.every((segment, index) => segment === oneSegment || segment === path[index]);
  };
}

/** With a letter in the place of each wildcard a pattern is a SPIFFE ID, and is read as one. */
function readPattern(pattern: string): { readonly trustDomain: TrustDomain; readonly segments: readonly string[] } {
  const firstSegment = 3; // "spiffe:", "", the trust domain
  const parts = pattern.split("/");
  if (parts.slice(firstSegment, -1).includes(restOfPath)) {
    throw new SpiffeIdError(
      "BAD_PATH_CHAR",
      `"**" can only be the last segment of a pattern, unlike ${quote(pattern)}`,
    );
  }
  const plain = parts.map((part, index) =>
    index >= firstSegment && (part === oneSegment || part === restOfPath) ? "x" : part,
  );
  const { trustDomain } = SpiffeId.parse(plain.join("/"));
  return { trustDomain, segments: parts.slice(firstSegment) };
}
