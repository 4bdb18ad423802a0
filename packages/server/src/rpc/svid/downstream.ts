// SPDX-License-Identifier: Apache-2.0
import type { Signer } from "@mayfly/ca";
import type { NewDownstreamX509CARequest, NewDownstreamX509CAResponse, SvidMethods } from "@mayfly/rpc";
import { callerName } from "../../authorization/caller.ts";
import type { AcceptableKeys } from "../../issuing/acceptable-key.ts";
import { parseCsr, provesKey } from "../../issuing/csr.ts";
import { type BundleServiceDeps, readOwnBundle } from "../bundle/own-bundle.ts";
import type { Call, GuardedHandlers } from "../call.ts";
import { internal, invalidArgument, orInvalidArgument } from "../wire/refusal.ts";

/** What giving authorities to servers below this one needs. */
export interface DownstreamDeps extends BundleServiceDeps {
  readonly signer: Signer;
  readonly keys: AcceptableKeys;
}

/** The request gives a key and a wish for its life; everything else is the signer's. */
async function newDownstreamCa(
  deps: DownstreamDeps,
  { csr: der, preferred_ttl: ttl }: NewDownstreamX509CARequest,
  { caller }: Call,
): Promise<NewDownstreamX509CAResponse> {
  const { entry } = caller;
  if (entry?.downstream !== true) throw internal("caller is not a downstream workload");
  const requester = callerName(caller);
  const csr = orInvalidArgument("malformed CSR", () => parseCsr(der, deps.keys, requester));
  if (!provesKey(csr)) throw invalidArgument("invalid CSR signature: it does not belong to the key");
  const { chain } = await deps.signer.issueDownstreamCa({
    spki: csr.spki,
    ttlSeconds: Math.max(0, ttl),
    requester,
    entryId: entry.id,
    entryRevision: entry.revisionNumber,
  });
  const { x509Authorities } = await readOwnBundle(deps);
  return {
    ca_cert_chain: chain.map((each) => Buffer.from(each)),
    x509_authorities: x509Authorities.map((each) => Buffer.from(each.der)),
  };
}

/** Authorities for the servers below this one. */
export function downstreamHandlers(deps: DownstreamDeps): Pick<GuardedHandlers<SvidMethods>, "NewDownstreamX509CA"> {
  return { NewDownstreamX509CA: (request, call) => newDownstreamCa(deps, request, call) };
}
