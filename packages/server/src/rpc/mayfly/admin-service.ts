// SPDX-License-Identifier: Apache-2.0
import type { AwaitDeliveryRequest, AwaitDeliveryResponse, MayflyAdminMethods } from "@mayfly/rpc";
import { awaitDelivery } from "../../sync/await-delivery.ts";
import type { SyncHub } from "../../sync/sync-hub.ts";
import type { Call, GuardedHandlers } from "../call.ts";
import { invalidArgument } from "../wire/refusal.ts";
import { createEnrolment, type EnrolmentDeps } from "./enrolment.ts";
import { explainIdentity, type ExplainDeps } from "./explain.ts";
import { getStatus, type StatusDeps } from "./status.ts";

/** What operators ask beyond the SPIRE server API. */
export interface AdminServiceDeps extends EnrolmentDeps, ExplainDeps, StatusDeps {
  readonly hub: SyncHub;
}

/** Published limit: as many as fit into a request. */
const maxEntries = 100_000;
/** The answer must be on its way before the caller gives up. */
const earlyMs = 100;
const longestWaitMs = 60_000;

async function deliver(
  hub: SyncHub,
  { entry_ids: ids }: AwaitDeliveryRequest,
  { signal, deadline }: Call,
): Promise<AwaitDeliveryResponse> {
  if (ids.length === 0) throw invalidArgument("missing entry IDs");
  if (ids.length > maxEntries) throw invalidArgument(`more than ${String(maxEntries)} entry IDs`);
  const left = deadline === undefined ? longestWaitMs : deadline.getTime() - Date.now() - earlyMs;
  const timeout = AbortSignal.timeout(Math.max(0, Math.min(left, longestWaitMs)));
  const { delivered, outstanding, unreachable } = await awaitDelivery(hub, ids, AbortSignal.any([signal, timeout]));
  return { agents: delivered, agents_pending: outstanding + unreachable };
}

/** What operators ask beyond the SPIRE server API. */
export function adminHandlers(deps: AdminServiceDeps): GuardedHandlers<MayflyAdminMethods> {
  return {
    AwaitDelivery: (request, call) => deliver(deps.hub, request, call),
    Explain: (request) => explainIdentity(deps, request),
    GetStatus: () => getStatus(deps),
    CreateEnrolment: (request) => createEnrolment(deps, request),
  };
}
