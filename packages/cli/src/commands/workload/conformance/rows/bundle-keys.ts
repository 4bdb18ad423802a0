// SPDX-License-Identifier: Apache-2.0
import { SpiffeId } from "@mayfly/spiffe";
import { read } from "../identity.ts";
import { allOf, demand, type Finding, unseen } from "../row.ts";

/** Whether the text is the ID of a trust domain: `spiffe://name`, and nothing behind. */
function isTrustDomainId(text: string): boolean {
  const id = read(() => SpiffeId.parse(text));
  return "value" in id && id.value.path === "";
}

/** Workload API §5.2.1: names of foreign trust domains as SPIFFE IDs, the own one not among them. */
export function foreignKeysFinding(bundles: Readonly<Record<string, unknown>>, own: string | undefined): Finding {
  const names = Object.keys(bundles);
  return allOf([
    demand(names.every(isTrustDomainId), "a key is not the ID of a trust domain"),
    demand(own === undefined || !names.includes(`spiffe://${own}`), "the own trust domain is among them"),
  ]);
}

/** Workload API §5.2.2, §6.2.2: IDs of trust domains, the own one among them. */
export function ownKeyFinding(bundles: Readonly<Record<string, unknown>>, own: string | undefined): Finding {
  const names = Object.keys(bundles);
  return allOf([
    demand(names.length > 0, "there is no bundle"),
    demand(names.every(isTrustDomainId), "a key is not the ID of a trust domain"),
    own === undefined
      ? unseen("needs an X.509-SVID to know the own trust domain")
      : demand(names.includes(`spiffe://${own}`), "the own trust domain is missing"),
  ]);
}
