// SPDX-License-Identifier: Apache-2.0
import type { X509BundlesResponse, X509SVIDResponse, WorkloadX509Svid } from "@mayfly/rpc";
import { BundleSet, X509Bundle, X509Svid } from "@mayfly/spiffe";
import { assertCount, bad, type OnIgnored, readEach, reading } from "./read-answer.ts";

/** Everything X.509 that the Workload API gives its caller at one moment (Workload API §5.2). Immutable. */
export interface X509Context {
  /** The first is the default identity; empty = none (any more). */
  readonly svids: readonly X509Svid[];
  /** The own trust domains' and federated ones. */
  readonly bundles: BundleSet<X509Bundle>;
  /** CertificateLists, DER. */
  readonly crls: readonly Uint8Array[];
}

/** The X.509 bundles that the Workload API gives its caller at one moment, with or without an identity (Workload API §5.2). Immutable. */
export interface X509Trust {
  /** The own trust domains' and federated ones. */
  readonly bundles: BundleSet<X509Bundle>;
  /** CertificateLists, DER. */
  readonly crls: readonly Uint8Array[];
}

/** No bundle. */
export const noTrust: X509Trust = { bundles: BundleSet.of<X509Bundle>(), crls: [] };

/** Nothing at all. */
export const noContext: X509Context = { svids: [], bundles: BundleSet.of<X509Bundle>(), crls: [] };

const maxSvids = 256;
const maxBundles = 1024;

/** Reads an answer of FetchX509SVID; foreign bundles that can't be read are left out. @throws {WorkloadApiError} BAD_RESPONSE */
export function readX509Context(response: X509SVIDResponse, onIgnored?: OnIgnored): X509Context {
  assertCount("X.509-SVID", response.svids.length, maxSvids);
  assertCount("bundle", Object.keys(response.federated_bundles).length + 1, maxBundles);
  return reading(() => {
    // Workload API §5.2.1: at least one. A later identity with a hint that is taken is left out (§7).
    const svids = withDistinctHints(response.svids).map((message) => ({ message, svid: readSvid(message) }));
    const own = svids.map(({ message, svid }) => X509Bundle.fromDer(svid.id.trustDomain, message.bundle));
    // The own bundle stands against a federated one that claims its name.
    const bundles = BundleSet.of(...readBundles(response.federated_bundles, onIgnored), ...own);
    return { svids: svids.map(({ svid }) => svid), bundles, crls: response.crl };
  });
}

/**
 * Reads an answer of FetchX509Bundles; bundles that can't be read are left out.
 * @throws {WorkloadApiError} BAD_RESPONSE, also when none can be read
 */
export function readX509Trust(response: X509BundlesResponse, onIgnored?: OnIgnored): X509Trust {
  assertCount("bundle", Object.keys(response.bundles).length, maxBundles);
  const bundles = readBundles(response.bundles, onIgnored);
  assertCount("bundle that can be read", bundles.length, maxBundles);
  return { bundles: BundleSet.of(...bundles), crls: response.crl };
}

function readSvid(message: WorkloadX509Svid): X509Svid {
  const svid = X509Svid.parse(message.x509_svid, message.x509_svid_key, message.hint);
  if (svid.id.toString() !== message.spiffe_id) {
    throw bad(`the certificate of ${JSON.stringify(message.spiffe_id)} names another identity`);
  }
  return svid;
}

function withDistinctHints(messages: readonly WorkloadX509Svid[]): WorkloadX509Svid[] {
  const seen = new Set<string>();
  return messages.filter(({ hint }) => {
    if (hint === "") return true;
    const first = !seen.has(hint);
    seen.add(hint);
    return first;
  });
}

function readBundles(bundles: Readonly<Record<string, Uint8Array>>, onIgnored: OnIgnored | undefined): X509Bundle[] {
  return readEach(bundles, (trustDomain, der) => X509Bundle.fromDer(trustDomain, der), onIgnored);
}
