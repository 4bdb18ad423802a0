// SPDX-License-Identifier: Apache-2.0
import { FakeWorkloadApi, noIdentity } from "@mayfly/testkit";

/** A Workload API that tests say the answers of. */
export type Endpoint = FakeWorkloadApi;

/** Started. */
export function startEndpoint(): Promise<Endpoint> {
  return FakeWorkloadApi.start();
}

export const denied: typeof noIdentity = noIdentity;
