// SPDX-License-Identifier: Apache-2.0
import type { Int64 } from "../message.ts";
import type { SpiffeIdMessage } from "./types.ts";

/** One certificate of the server's own chain. */
export interface DebugCertificate {
  readonly id: SpiffeIdMessage | null;
  readonly expires_at: Int64;
  readonly subject: string;
}

/** Answers Debug.GetInfo; `uptime` in seconds. */
export interface GetInfoResponse {
  readonly svid_chain: readonly DebugCertificate[];
  readonly uptime: number;
  readonly agents_count: number;
  readonly federated_bundles_count: number;
  readonly entries_count: number;
}
