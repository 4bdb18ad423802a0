// SPDX-License-Identifier: Apache-2.0
import type { PeerProcess } from "@mayfly/attestation";
import {
  type HealthMethods,
  healthService,
  type MayflyWorkloadMethods,
  mayflyWorkloadService,
  served,
  type ServedService,
  type WorkloadApiMethods,
  workloadApiService,
} from "@mayfly/rpc";
import { fetchJwtSvid } from "./fetch-jwt-svid.ts";
import { jwtBundleRenderer, x509BundleRenderer } from "./fetch-bundles.ts";
import { x509SvidRenderer } from "./fetch-x509-svid.ts";
import { checkHealth } from "./health.ts";
import { explainProcess, getAgentStatus, type IntrospectionDeps } from "./introspection.ts";
import { RefusalRecord } from "./refusal-record.ts";
import { validateJwtSvid } from "./validate-jwt-svid.ts";
import { watchIdentities } from "./watch-identities.ts";

/** Everything on the agent's socket. WIT-SVIDs are not offered. */
export function workloadServices(deps: IntrospectionDeps): ServedService<PeerProcess>[] {
  const record = new RefusalRecord(deps.log);
  const x509Svids = x509SvidRenderer(deps);
  const x509Bundles = x509BundleRenderer(deps);
  const jwtBundles = jwtBundleRenderer(deps);
  const workloadApi = served<WorkloadApiMethods, PeerProcess>(workloadApiService, {
    FetchX509SVID: (_, call) => record.stream(call, watchIdentities(deps, call, x509Svids)),
    FetchX509Bundles: (_, call) => record.stream(call, watchIdentities(deps, call, x509Bundles)),
    FetchJWTSVID: (request, call) => record.unary(call, fetchJwtSvid(deps, request, call)),
    FetchJWTBundles: (_, call) => record.stream(call, watchIdentities(deps, call, jwtBundles)),
    ValidateJWTSVID: (request, call) => record.unary(call, validateJwtSvid(deps, request, call)),
  });
  const introspection = served<MayflyWorkloadMethods, PeerProcess>(mayflyWorkloadService, {
    ExplainProcess: (request, call) => record.unary(call, explainProcess(deps, request, call)),
    GetAgentStatus: () => getAgentStatus(deps),
  });
  const health = served<HealthMethods, PeerProcess>(healthService, { Check: (request) => checkHealth(deps, request) });
  return [workloadApi, introspection, health];
}
