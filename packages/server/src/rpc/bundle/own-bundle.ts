// SPDX-License-Identifier: Apache-2.0
import type { BundleStore, StoredBundle, StoredJwtAuthority, StoredX509Authority } from "@mayfly/registration";
import type { AppendBundleRequest, BundleMessage, BundleMethods, JwtKeyMessage } from "@mayfly/rpc";
import type { Clock } from "../../clock.ts";
import type { LiveViews } from "../../views/live-views.ts";
import type { GuardedHandlers } from "../call.ts";
import { internal, invalidArgument, orInvalidArgument, unavailable } from "../wire/refusal.ts";
import { appendAuthorities } from "./append.ts";
import { parseJwtAuthority, parseX509Authority, toBundleMessage, toJwtKeyMessage } from "./bundle-message.ts";
import { withPublishedKey } from "./published-key.ts";

/** What the Bundle service needs. */
export interface BundleServiceDeps {
  readonly trustDomain: string;
  readonly bundles: BundleStore;
  readonly views: LiveViews;
  readonly clock: Clock;
}

/** The own bundle: from memory while that is known to be current, else from the store. @throws {StatusError} UNAVAILABLE */
export async function readOwnBundle({ trustDomain, bundles, views }: BundleServiceDeps): Promise<StoredBundle> {
  const known = views.isFresh() ? views.bundle(trustDomain) : undefined;
  const bundle = known ?? (await bundles.get(trustDomain));
  if (bundle === undefined) throw unavailable("the server has no authority yet");
  return bundle;
}

function emptyBundle(trustDomain: string): StoredBundle {
  return { trustDomain, x509Authorities: [], jwtAuthorities: [], refreshHint: 0, sequenceNumber: 0n };
}

async function change(
  { trustDomain, bundles }: BundleServiceDeps,
  edit: (current: StoredBundle) => StoredBundle | undefined,
): Promise<StoredBundle> {
  const changed = await bundles.modify(trustDomain, (current = emptyBundle(trustDomain)) => edit(current));
  const bundle = changed ?? (await bundles.get(trustDomain));
  if (bundle === undefined) throw internal("failed to append bundle");
  return bundle;
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
  return toBundleMessage(await change(deps, (current) => appendAuthorities(current, { x509, jwt })), mask);
}

/** A downstream server's key joins the own bundle; a server without an upstream keeps it itself. */
async function publish(deps: BundleServiceDeps, message: JwtKeyMessage | null): Promise<JwtKeyMessage[]> {
  if (message === null) throw invalidArgument("missing JWT authority");
  const key = orInvalidArgument("invalid JWT authority", () => parseJwtAuthority(message));
  const { jwtAuthorities } = await change(deps, (current) => withPublishedKey(current, key, deps.clock.now()));
  return jwtAuthorities.map(toJwtKeyMessage);
}

/** The server's own bundle. */
export function ownBundleHandlers(
  deps: BundleServiceDeps,
): Pick<GuardedHandlers<BundleMethods>, "GetBundle" | "AppendBundle" | "CountBundles" | "PublishJWTAuthority"> {
  return {
    GetBundle: async ({ output_mask: mask }) => toBundleMessage(await readOwnBundle(deps), mask),
    AppendBundle: (request) => append(deps, request),
    CountBundles: async () => ({ count: await deps.bundles.count() }),
    PublishJWTAuthority: async ({ jwt_authority: key }) => ({ jwt_authorities: await publish(deps, key) }),
  };
}
