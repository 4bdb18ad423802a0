// SPDX-License-Identifier: Apache-2.0
export { BundleSet, type BundleLookup } from "./bundle-set.ts";
export { formatBundleMap, parseBundleMap } from "./bundle-map.ts";
export { parseEndpointAddress, type EndpointAddress } from "./endpoint-address.ts";
export {
  BundleError,
  EndpointAddressError,
  JwtSvidError,
  SpiffeError,
  SpiffeIdError,
  X509SvidError,
  type BundleErrorCode,
  type EndpointAddressErrorCode,
  type JwtSvidErrorCode,
  type SpiffeIdErrorCode,
  type X509SvidErrorCode,
  type X509SvidFacts,
} from "./errors.ts";
export type { JwtAuthorityKey } from "./jwt-authority.ts";
export { JwtBundle } from "./jwt-bundle.ts";
export type { JwtSvid, UnverifiedJwtSvid } from "./jwt-svid.ts";
export type { BundleParseOptions, IgnoredMember } from "./key-set.ts";
export { parseJwtSvid } from "./parse-jwt-svid.ts";
export { PeerVerifier, type PeerVerifierOptions } from "./peer-verifier.ts";
export { type IgnoredRevocationList, Revocations } from "./revocations.ts";
export { SpiffeBundle, type SpiffeBundleFields } from "./spiffe-bundle.ts";
export { SpiffeId } from "./spiffe-id.ts";
export { anyPeer, exact, matchPath, memberOf, oneOf, type SpiffeIdMatcher } from "./spiffe-id-matcher.ts";
export { TrustDomain } from "./trust-domain.ts";
export { verifyJwtSvid, type VerifyJwtOptions } from "./verify-jwt-svid.ts";
export { verifyPeer, type VerifiedPeer, type VerifyPeerOptions } from "./verify-peer.ts";
export { X509Bundle } from "./x509-bundle.ts";
export { X509Svid } from "./x509-svid.ts";
// For those who may not import x509: the type that SVIDs and bundles show, and how an SVID is asked for.
export { createRequest, type Certificate } from "@mayfly/x509";
