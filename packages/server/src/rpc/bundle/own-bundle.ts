// SPDX-License-Identifier: Apache-2.0
import type { BundleStore, StoredBundle, StoredJwtAuthority, StoredX509Authority } from "@mayfly/registration";
import type { AppendBundleRequest, BundleMessage, GetBundleRequest } from "@mayfly/rpc";
import type { LiveViews } from "../../views/live-views.ts";
import { type Handlers, unary } from "../handler.ts";
import { internal, invalidArgument, orInvalidArgument, unavailable } from "../wire/refusal.ts";
import { appendAuthorities } from "./append.ts";
import { parseJwtAuthority, parseX509Authority, toBundleMessage } from "./bundle-message.ts";

/** What the Bundle service needs. */
export interface BundleServiceDeps {
  readonly trustDomain: string;
  readonly bundles: BundleStore;
  readonly views: LiveViews;
}

async function readOwn({ trustDomain, bundles, views }: BundleServiceDeps): Promise<StoredBundle> {
  const known = views.isFresh() ? views.bundle(trustDomain) : undefined;
  const bundle = known ?? (await bundles.get(trustDomain));
  if (bundle === undefined) throw unavailable("the server has no authority yet");
  return bundle;
}

function emptyBundle(trustDomain: string): StoredBundle {
  return { trustDomain, x509Authorities: [], jwtAuthorities: [], refreshHint: 0, sequenceNumber: 0n };
}

async function append(deps: BundleServiceDeps, request: AppendBundleRequest): Promise<Partial<BundleMessage>> {
  const { x509_authorities: certificates, jwt_authorities: keys, output_mask: mask } = request;
  if (certificates.length === 0 && keys.length === 0) throw invalidArgument("no authorities to append");
  const x509 = orInvalidArgument("failed to convert X.509 authority", (): StoredX509Authority[] =>
    certificates.map(parseX509Authority),
  );
  const jwt = orInvalidArgument("failed to convert JWT authority", (): StoredJwtAuthority[] =>
    keys.map(parseJwtAuthority),
  );
  const change = (current = emptyBundle(deps.trustDomain)): StoredBundle | undefined =>
    appendAuthorities(current, { x509, jwt });
  const changed = await deps.bundles.modify(deps.trustDomain, change);
  const bundle = changed ?? (await deps.bundles.get(deps.trustDomain));
  if (bundle === undefined) throw internal("failed to append bundle");
  return toBundleMessage(bundle, mask);
}

/** The server's own bundle. */
export function ownBundleHandlers(deps: BundleServiceDeps): Handlers {
  return {
    GetBundle: unary(async ({ output_mask: mask }: GetBundleRequest) => toBundleMessage(await readOwn(deps), mask)),
    AppendBundle: unary((request: AppendBundleRequest) => append(deps, request)),
    CountBundles: unary(async () => ({ count: await deps.bundles.count() })),
  };
}
