// SPDX-License-Identifier: Apache-2.0
import type { PeerProcess } from "@mayfly/attestation";
import {
  type HealthMethods,
  healthService,
  type MayflyWorkloadMethods,
  type MayflyTaskBindingMethods,
  mayflyTaskBindingService,
  mayflyWorkloadService,
  served,
  type ServedService,
  type WorkloadApiMethods,
  workloadApiService,
} from "@mayfly/rpc";
import { bindTask, type BindTaskDeps } from "../tasks/bind-task.ts";
import { fetchJwtSvid } from "./fetch-jwt-svid.ts";
import { jwtBundleRenderer, x509BundleRenderer } from "./fetch-bundles.ts";
import { x509SvidRenderer } from "./fetch-x509-svid.ts";
import { checkHealth } from "./health.ts";
import { explainProcess, getAgentStatus, type IntrospectionDeps } from "./introspection.ts";
import { RefusalRecord } from "./refusal-record.ts";
import { validateJwtSvid } from "./validate-jwt-svid.ts";
import { type Renderer, watchIdentities } from "./watch-identities.ts";
import type { WorkloadCall } from "./workload-deps.ts";

/** Everything on the agent's socket. WIT-SVIDs are not offered. */
export function workloadServices(deps: IntrospectionDeps & BindTaskDeps): ServedService<PeerProcess>[] {
  const record = new RefusalRecord(deps.log);
  const x509Svids = x509SvidRenderer(deps);
  const x509Bundles = x509BundleRenderer(deps);
  const jwtBundles = jwtBundleRenderer(deps);
  const watch = <T>(call: WorkloadCall, render: Renderer<T>) =>
    record.stream(call, deps.streams.follow(call, watchIdentities(deps, call, render)));
  const workloadApi = served<WorkloadApiMethods, PeerProcess>(workloadApiService, {
    FetchX509SVID: (_, call) => watch(call, x509Svids),
    FetchX509Bundles: (_, call) => watch(call, x509Bundles),
    FetchJWTSVID: (request, call) => record.unary(call, fetchJwtSvid(deps, request, call)),
    FetchJWTBundles: (_, call) => watch(call, jwtBundles),
    ValidateJWTSVID: (request, call) => record.unary(call, validateJwtSvid(deps, request, call)),
  });
  const introspection = served<MayflyWorkloadMethods, PeerProcess>(mayflyWorkloadService, {
    ExplainProcess: (request, call) => record.unary(call, explainProcess(deps, request, call)),
    GetAgentStatus: () => getAgentStatus(deps),
  });
  const binding = served<MayflyTaskBindingMethods, PeerProcess>(mayflyTaskBindingService, {
    BindTask: (request, call) => record.unary(call, bindTask(deps, request, call)),
  });
  const health = served<HealthMethods, PeerProcess>(healthService, { Check: (request) => checkHealth(deps, request) });
  return [workloadApi, introspection, binding, health];
}
