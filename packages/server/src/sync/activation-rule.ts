// SPDX-License-Identifier: Apache-2.0
import { authorityBackdateSeconds, type AuthorityRecord } from "@mayfly/ca";
import { type Clock, unixSeconds } from "../clock.ts";
import type { LiveViews } from "../views/live-views.ts";
import type { SyncHub } from "./sync-hub.ts";

/** Three of the intervals in which SPIRE's agents ask for the bundle. */
const pollersKnowAfterMs = 15_000;

/** What the rule looks at. */
export interface ActivationRuleDeps {
  readonly trustDomain: string;
  readonly hub: SyncHub;
  readonly views: LiveViews;
  readonly clock: Clock;
}

/** Whether a prepared authority may sign: every agent with a Sync stream acknowledged a bundle with it, and those that poll had time to. */
export function mayActivate(
  { trustDomain, hub, views, clock }: ActivationRuleDeps,
  authority: AuthorityRecord,
): boolean {
  if (hub.withoutBundle(trustDomain) > 0) return false;
  const now = clock.now();
  const madeAt = authority.notBefore.getTime() + authorityBackdateSeconds * 1000;
  if (now.getTime() - madeAt >= pollersKnowAfterMs) return true;
  const live = [...views.nodes].filter((node) => node.serialNumber !== "" && node.expiresAt > unixSeconds(now));
  return live.every(({ id }) => hub.isConnected(id));
}
