// SPDX-License-Identifier: Apache-2.0
import type { Json } from "@mayfly/rpc";
import type { JwtSvid } from "@mayfly/spiffe";

/**
 * The claims of a valid token that ValidateJWTSVID passes on (Workload API §6.2.3), `aud` always as a list. Of a foreign token sub, aud
 * and exp only: what other claims mean is known in their own trust domain (SPIFFE-ID §4.1.2).
 */
export function passedClaims(svid: JwtSvid, ownTrustDomain: string): { readonly [name: string]: Json } {
  const claims = svid.claims as { readonly [name: string]: Json };
  if (svid.id.trustDomain.name === ownTrustDomain) return { ...claims, aud: svid.audience };
  return { sub: claims["sub"] ?? "", aud: svid.audience, exp: claims["exp"] ?? 0 };
}
