// SPDX-License-Identifier: Apache-2.0
import { WorkloadApiClient } from "@mayfly/spiffe-client";
import { targetOf } from "./channel.ts";
import { callFailure } from "./status.ts";

/** Uses a Workload API client on the socket and closes it. @throws {CliFailure} */
export async function withWorkloadApi<T>(
  address: string,
  signal: AbortSignal,
  use: (client: WorkloadApiClient) => Promise<T> | T,
): Promise<T> {
  const target = targetOf("agent", address);
  const url = target.place.startsWith("/") ? `unix://${target.place}` : `tcp://${target.place}`;
  using client = WorkloadApiClient.open({ address: url });
  try {
    return await use(client);
  } catch (error) {
    signal.throwIfAborted();
    throw await callFailure(error, target.who, target.place);
  }
}
