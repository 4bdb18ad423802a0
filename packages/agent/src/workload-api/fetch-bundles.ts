// SPDX-License-Identifier: Apache-2.0
import type { JWTBundlesResponse, X509BundlesResponse } from "@mayfly/rpc";
import { federatedBundles } from "./visible-bundles.ts";
import type { Renderer } from "./watch-identities.ts";
import type { WorkloadDeps } from "./workload-deps.ts";

/** Messages of FetchX509Bundles (Workload API §5.2.2): the own bundle and those of foreign trust domains that the caller's entries name. */
export function x509BundleRenderer({ held }: Pick<WorkloadDeps, "held">): Renderer<X509BundlesResponse> {
  return (entries) => {
    const own = held.ownBundle;
    if (own === undefined || own.x509Der.length === 0) return undefined;
    const bundles = [own, ...federatedBundles(held, entries).filter(({ x509Der }) => x509Der.length > 0)];
    return {
      fingerprint: JSON.stringify(bundles.map(({ trustDomain, x509Digest }) => [trustDomain.name, x509Digest])),
      partial: false,
      uses: [],
      message: () => ({
        crl: [],
        bundles: Object.fromEntries(bundles.map(({ trustDomain, x509Der }) => [trustDomain.idString, x509Der])),
      }),
    };
  };
}

/** Messages of FetchJWTBundles (Workload API §6.2.2): JWK sets; one without keys is sent, for it says that no token is valid. */
export function jwtBundleRenderer({ held }: Pick<WorkloadDeps, "held">): Renderer<JWTBundlesResponse> {
  return (entries) => {
    const own = held.ownBundle;
    if (own === undefined) return undefined;
    const bundles = [own, ...federatedBundles(held, entries)];
    return {
      fingerprint: JSON.stringify(bundles.map(({ trustDomain, jwksDigest }) => [trustDomain.name, jwksDigest])),
      partial: false,
      uses: [],
      message: () => ({
        bundles: Object.fromEntries(bundles.map(({ trustDomain, jwks }) => [trustDomain.idString, jwks])),
      }),
    };
  };
}
