// SPDX-License-Identifier: Apache-2.0
import type { WorkloadApiError } from "../errors.ts";
import { WorkloadApiClient } from "../workload-api/workload-api-client.ts";

/** How a source over the Workload API is opened. */
export interface EndpointOptions {
  /** Of the endpoint; default: what SPIFFE_ENDPOINT_SOCKET says. */
  readonly address?: string | undefined;
  /** A client to use instead of an own one; it is not closed with the source. */
  readonly client?: WorkloadApiClient | undefined;
  /** Gives up opening; has no meaning afterwards. */
  readonly signal?: AbortSignal | undefined;
  /** Told of what the source overcomes by itself. What it throws ends the source. */
  readonly onError?: ((error: WorkloadApiError) => void) | undefined;
  /** How long the endpoint may be silent on a new stream before that counts as lost. Default 60,000. */
  readonly firstMessageTimeoutMs?: number | undefined;
}

/** The client to use, and how to leave it. @throws {EndpointAddressError} */
export function clientOf(options: EndpointOptions): {
  readonly client: WorkloadApiClient;
  readonly leave: () => void;
} {
  options.signal?.throwIfAborted();
  if (options.client !== undefined) return { client: options.client, leave: () => undefined };
  const client = WorkloadApiClient.open({ address: options.address });
  return { client, leave: () => client.close() };
}
