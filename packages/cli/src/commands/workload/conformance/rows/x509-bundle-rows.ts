// SPDX-License-Identifier: Apache-2.0
import type { X509BundlesResponse } from "@mayfly/rpc";
import { readCertificates } from "../identity.ts";
import { firstMessage, type Observation, ownTrustDomain } from "../observation.ts";
import { allOf, demand, type Finding, type Row } from "../row.ts";
import { ownKeyFinding } from "./bundle-keys.ts";
import { withoutMessage } from "./x509-rows.ts";

function whenAnswered(check: (message: X509BundlesResponse, seen: Observation) => Finding): Row["check"] {
  return (seen) => {
    const message = firstMessage(seen.x509Bundles);
    return message === undefined ? withoutMessage(seen.x509Bundles.watched.first) : check(message, seen);
  };
}

function certificatesOnly({ bundles }: X509BundlesResponse): Finding {
  return allOf(
    Object.values(bundles).map((der) => {
      const authorities = readCertificates(der);
      if ("problem" in authorities) return demand(false, `a bundle can't be read: ${authorities.problem}`);
      return demand(
        authorities.value.every((authority) => authority.isCa),
        "a bundle holds a certificate that is no CA",
      );
    }),
  );
}

/** Workload API §5.2.2: FetchX509Bundles. */
export const x509BundleRows: readonly Row[] = [
  {
    id: "WLAPI-24",
    level: "MUST",
    title: "X.509 bundles: own trust domain among them",
    check: whenAnswered(({ bundles }, seen) => ownKeyFinding(bundles, ownTrustDomain(seen))),
  },
  {
    id: "WLAPI-24",
    level: "MUST",
    title: "X.509 bundles: DER of CA certificates",
    check: whenAnswered(certificatesOnly),
  },
];
