// SPDX-License-Identifier: Apache-2.0
import {
  agentService,
  bundleService,
  debugService,
  entryService,
  healthService,
  localAuthorityService,
  loggerService,
  mayflyAdminService,
  mayflyAgentService,
  type ServedService,
  svidService,
  trustDomainService,
} from "@mayfly/rpc";
import type { Logger } from "@mayfly/telemetry";
import type { NodeAttestor } from "./node-attestor/node-attestor.ts";
import { agentOperatorHandlers } from "./rpc/agent/agent-service.ts";
import { agentAttestationHandlers } from "./rpc/agent/attestation-service.ts";
import { type BundleServiceDeps, ownBundleHandlers } from "./rpc/bundle/own-bundle.ts";
import { federatedBundleHandlers } from "./rpc/bundle/federated-bundles.ts";
import { debugHandlers, type DebugServiceDeps } from "./rpc/debug/debug-service.ts";
import { authorizedEntryHandlers } from "./rpc/entry/authorized-service.ts";
import { entryOperatorHandlers, type EntryServiceDeps } from "./rpc/entry/entry-service.ts";
import type { Guard } from "./rpc/guard.ts";
import { healthHandlers, type HealthDeps } from "./rpc/health/health-service.ts";
import { localAuthorityHandlers } from "./rpc/local-authority/local-authority-service.ts";
import { loggerHandlers } from "./rpc/logger/logger-service.ts";
import { adminHandlers, type AdminServiceDeps } from "./rpc/mayfly/admin-service.ts";
import { agentSyncHandlers, type AgentSyncDeps } from "./rpc/mayfly/agent-sync-service.ts";
import { guardServices, taskServices } from "./rpc/mayfly/task/task-services.ts";
import { notImplementedService } from "./rpc/not-implemented.ts";
import { downstreamHandlers } from "./rpc/svid/downstream.ts";
import { agentSvidHandlers } from "./rpc/svid/agent-svids.ts";
import { mintHandlers } from "./rpc/svid/mint.ts";
import type { TaskLayer } from "./tasks/task-layer.ts";
import type { Connection } from "./transport/connection.ts";

/** Everything that handlers need, in one place, for the composition root only. */
export interface ServiceDeps
  extends BundleServiceDeps,
    DebugServiceDeps,
    EntryServiceDeps,
    Omit<AgentSyncDeps, "signer">,
    AdminServiceDeps,
    HealthDeps {
  readonly attestor: NodeAttestor;
  readonly logger: Logger;
  readonly taskLayer: TaskLayer;
}

type Services = readonly ServedService<Connection>[];

/** What both listeners serve. */
function commonServices(guard: Guard, deps: ServiceDeps): Services {
  return [
    guard.protect(agentService, { ...agentOperatorHandlers(deps), ...agentAttestationHandlers(deps.attestor) }),
    guard.protect(bundleService, { ...ownBundleHandlers(deps), ...federatedBundleHandlers(deps) }),
    guard.protect(entryService, { ...entryOperatorHandlers(deps), ...authorizedEntryHandlers(deps) }),
    guard.protect(svidService, { ...mintHandlers(deps), ...agentSvidHandlers(deps), ...downstreamHandlers(deps) }),
    guard.protect(trustDomainService, notImplementedService(trustDomainService)),
    guard.protect(localAuthorityService, localAuthorityHandlers(deps.authorities)),
    ...taskServices(guard, deps.taskLayer),
  ];
}

/** What agents and remote operators reach. */
export function tcpServices(guard: Guard, deps: ServiceDeps): Services {
  return [
    ...commonServices(guard, deps),
    guard.protect(mayflyAgentService, agentSyncHandlers(deps)),
    ...guardServices(guard, deps.taskLayer),
  ];
}

/** What those who may open the admin socket reach. */
export function localServices(guard: Guard, deps: ServiceDeps): Services {
  return [
    ...commonServices(guard, deps),
    guard.protect(mayflyAdminService, adminHandlers(deps)),
    guard.protect(debugService, debugHandlers(deps)),
    guard.protect(loggerService, loggerHandlers(deps.logger)),
    guard.protect(healthService, healthHandlers(deps)),
  ];
}
