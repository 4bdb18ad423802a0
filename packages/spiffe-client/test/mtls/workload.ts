// SPDX-License-Identifier: Apache-2.0
import { BundleSet, TrustDomain, X509Bundle, X509Svid } from "@mayfly/spiffe";
import { Certificate } from "@mayfly/x509";
import type { TestCa, TestIdentity } from "@mayfly/testkit";
import { X509Source } from "../../src/index.ts";

/** A source that shows this identity and trusts these authorities. */
export function sourceOf(identity: TestIdentity, cas: readonly TestCa[], crls: readonly Uint8Array[] = []): X509Source {
  const svid = X509Svid.of(
    identity.chain.map((der) => Certificate.parse(der)),
    identity.privateKey,
  );
  const bundles = cas.map(
    ({ trustDomain, certificate }) => new X509Bundle(TrustDomain.parse(trustDomain), [Certificate.parse(certificate)]),
  );
  return X509Source.of({ svids: [svid], bundles: BundleSet.of(...bundles), crls });
}
