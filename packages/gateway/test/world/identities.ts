// SPDX-License-Identifier: Apache-2.0
import { BundleSet, TrustDomain, X509Bundle, X509Svid } from "@mayfly/spiffe";
import { X509Source } from "@mayfly/spiffe-client";
import { TestCa } from "@mayfly/testkit";
import { Certificate } from "@mayfly/x509";

/** The trust domain of these tests. */
export const ca = TestCa.create();
const bundle = new X509Bundle(TrustDomain.parse(ca.trustDomain), [Certificate.parse(ca.certificate)]);

/** A source that shows a good SVID for a path. */
export function identity(path: string, authority: TestCa = ca): X509Source {
  const { chain, privateKey } = authority.issue(path);
  const svid = X509Svid.of(
    chain.map((der) => Certificate.parse(der)),
    privateKey,
  );
  return X509Source.of({ svids: [svid], bundles: BundleSet.of(bundle), crls: [] });
}

/** SPIFFE ID of a path. */
export function idOf(path: string): string {
  return `spiffe://${ca.trustDomain}${path}`;
}
