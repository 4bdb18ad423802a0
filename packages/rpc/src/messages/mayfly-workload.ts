// SPDX-License-Identifier: Apache-2.0
import type { Int64 } from "../message.ts";
import type { EntryMessage, SelectorMessage } from "./types.ts";

/** The process asked about; 0 = the caller. */
export interface ExplainProcessRequest {
  readonly pid: number;
}

/** What stands in the way of an identity. */
export interface ObstacleMessage {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly entry_id: string;
  readonly spiffe_id: string;
}

/** What the agent sees of a process and what it would get. */
export interface ExplainProcessResponse {
  readonly selectors: readonly SelectorMessage[];
  readonly matches: readonly EntryMessage[];
  readonly obstacles: readonly ObstacleMessage[];
  readonly agent_id: string;
}

/** State of the agent; instants in Unix seconds. */
export interface GetAgentStatusResponse {
  readonly agent_id: string;
  readonly trust_domain: string;
  readonly version: string;
  readonly svid_expires_at: Int64;
  readonly synced: boolean;
  readonly connected: boolean;
  readonly sync_mode: string;
  readonly last_sync_at: Int64;
  readonly revision: Int64;
  readonly entries: number;
  readonly svids: number;
  readonly streams: number;
  readonly last_error: string;
}

/** Binds the caller to a task; the ticket is a secret and good once. */
export interface BindTaskRequest {
  readonly ticket: string;
}

/** The task that the caller now belongs to; its deadline in Unix milliseconds, `tier` T0 to T3. */
export interface BindTaskResponse {
  readonly task_id: string;
  readonly spiffe_id: string;
  readonly not_after_ms: Int64;
  readonly tier: string;
}
