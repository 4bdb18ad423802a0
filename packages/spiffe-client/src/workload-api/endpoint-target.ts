// SPDX-License-Identifier: Apache-2.0
import { env } from "node:process";
import { parseEndpointAddress } from "@mayfly/spiffe";

/**
 * The target for a channel of an endpoint address; default: SPIFFE_ENDPOINT_SOCKET (Workload Endpoint §4).
 * @throws {EndpointAddressError} NOT_SET and others
 */
export function endpointTarget(address: string | undefined): string {
  const parsed = parseEndpointAddress(address ?? env["SPIFFE_ENDPOINT_SOCKET"] ?? "");
  if (parsed.transport === "unix") return `unix://${parsed.path}`;
  return parsed.host.includes(":") ? `[${parsed.host}]:${parsed.port}` : `${parsed.host}:${parsed.port}`;
}
