// SPDX-License-Identifier: Apache-2.0
import { BundleSet, SpiffeBundle, TrustDomain, verifyJwtSvid, verifyPeer, X509SvidError } from "../src/index.ts";

/** Who a TLS peer is; undefined when it is not to be believed. `chain`: DER, leaf first. `document`: the trust domain's bundle. */
export function peerName(chain: readonly Uint8Array[], document: string, now: Date): string | undefined {
  const bundle = SpiffeBundle.parse(TrustDomain.parse("example.org"), document);
  try {
    return verifyPeer(chain, BundleSet.of(bundle.x509()), { now }).id.toString();
  } catch (error) {
    if (error instanceof X509SvidError) return undefined;
    throw error;
  }
}

/** Who a bearer token speaks for. Throws JwtSvidError with a code. */
export function bearerName(token: string, document: string, now: Date): string {
  const bundle = SpiffeBundle.parse(TrustDomain.parse("example.org"), document);
  return verifyJwtSvid(token, BundleSet.of(bundle.jwt()), { audience: ["db"], now }).id.toString();
}
