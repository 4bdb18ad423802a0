// SPDX-License-Identifier: Apache-2.0
import type { RegistrationEntry } from "@mayfly/registration";
import type { X509SVIDResponse } from "@mayfly/rpc";
import type { WorkloadSvid } from "../svid/workload-svid.ts";
import { federatedBundles } from "./visible-bundles.ts";
import type { Renderer } from "./watch-identities.ts";
import type { WorkloadDeps } from "./workload-deps.ts";

/** Messages of FetchX509SVID (Workload API §5.2.1): all X.509-SVIDs of the caller with their keys, the own bundle with each, foreign ones beside. */
export function x509SvidRenderer(deps: Pick<WorkloadDeps, "held" | "svids">): Renderer<X509SVIDResponse> {
  return (entries) => {
    const own = deps.held.ownBundle;
    // Workload API §5.2.1: the bundle must not be empty; without authorities there is nothing to be trusted by.
    if (own === undefined || own.x509Der.length === 0) return undefined;
    const ready = entries.flatMap((entry) => {
      const svid = deps.svids.get(entry);
      return svid === undefined ? [] : [{ entry, svid }];
    });
    if (ready.length === 0) return undefined;
    const federated = federatedBundles(deps.held, entries).filter(({ x509Der }) => x509Der.length > 0);
    const parts = [
      own.x509Digest,
      ...federated.map(({ trustDomain, x509Digest }) => `${trustDomain.name}=${x509Digest}`),
      ...ready.map(({ entry, svid }) => `${entry.id}=${svid.fingerprint}=${entry.hint}`),
    ];
    return {
      fingerprint: JSON.stringify(parts),
      partial: ready.length < entries.length,
      uses: entries.map(({ id }) => id),
      message: () => ({
        svids: ready.map(({ entry, svid }) => toMessage(entry, svid, own.x509Der)),
        crl: [],
        federated_bundles: Object.fromEntries(
          federated.map(({ trustDomain, x509Der }) => [trustDomain.idString, x509Der]),
        ),
      }),
    };
  };
}

function toMessage(entry: RegistrationEntry, svid: WorkloadSvid, bundle: Buffer): X509SVIDResponse["svids"][number] {
  return {
    spiffe_id: svid.spiffeId,
    x509_svid: svid.chainDer,
    x509_svid_key: svid.keyDer,
    bundle,
    hint: entry.hint,
  };
}
