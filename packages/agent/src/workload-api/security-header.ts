// SPDX-License-Identifier: Apache-2.0
import { type CallContext, WORKLOAD_HEADER } from "@mayfly/rpc";
import { invalidArgument } from "./refusal.ts";

const healthPrefix = "/grpc.health.v1.Health/";

/** Demands the header of Workload Endpoint §4: exactly once, exactly `true`. A browser or a proxy can be made to send a request, but not this. @throws {StatusError} 3 */
export function assertSecurityHeader({ metadata, path }: Pick<CallContext<unknown>, "metadata" | "path">): void {
  // Probes of orchestrators can't send it, and learn nothing that a workload could use.
  if (path.startsWith(healthPrefix)) return;
  const values = metadata.get(WORKLOAD_HEADER);
  if (values.length !== 1 || values[0] !== "true") {
    throw invalidArgument("security header missing from request", "HEADER_MISSING");
  }
}
