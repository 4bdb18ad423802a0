// SPDX-License-Identifier: Apache-2.0
import type { HealthCheckRequest, HealthCheckResponse, Sent } from "@mayfly/rpc";
import { invalidArgument } from "./refusal.ts";
import type { WorkloadDeps } from "./workload-deps.ts";

/** Health/Check for the agent as a whole: serving when it has an identity of its own and a bundle to hand out. Needs no header. */
export function checkHealth(
  { standing, held }: WorkloadDeps,
  { service }: HealthCheckRequest,
): Sent<HealthCheckResponse> {
  if (service !== "") throw invalidArgument("per-service health is not supported");
  return { status: standing.svid !== undefined && held.ownBundle !== undefined ? "SERVING" : "NOT_SERVING" };
}
