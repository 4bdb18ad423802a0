// SPDX-License-Identifier: Apache-2.0
import type { Int64 } from "../message.ts";
import type { EntryMessage, SelectorMessage, SpiffeIdMessage } from "./types.ts";

/** Entries whose delivery is waited for. */
export interface AwaitDeliveryRequest {
  readonly entry_ids: readonly string[];
}

/** Agents that acknowledged, and agents concerned that did not (not connected, or polling). */
export interface AwaitDeliveryResponse {
  readonly agents: number;
  readonly agents_pending: number;
}

/** Who is asked about; empty fields are not asked. */
export interface ExplainRequest {
  readonly spiffe_id: string;
  readonly node_id: string;
  readonly selectors: readonly SelectorMessage[];
}

/** One obstacle, with the smallest change that would help. */
export interface FindingMessage {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly entry_id: string;
  readonly spiffe_id: string;
  readonly node_id: string;
}

/** Obstacles and the entries that match now. */
export interface ExplainResponse {
  readonly findings: readonly FindingMessage[];
  readonly matches: readonly EntryMessage[];
}

/** One authority of the server; `kind` is x509 or jwt, `slot` active, prepared or old. */
export interface AuthorityStatus {
  readonly kind: string;
  readonly id: string;
  readonly slot: string;
  readonly not_after: Int64;
  readonly next_step_at: Int64;
  readonly next_step: string;
  readonly tainted: boolean;
}

/** An error that the server met lately. */
export interface RecentErrorMessage {
  readonly at: Int64;
  readonly code: string;
  readonly message: string;
}

/** State of the server; instants in Unix seconds. */
export interface GetStatusResponse {
  readonly trust_domain: string;
  readonly version: string;
  readonly started_at: Int64;
  readonly revision: Int64;
  readonly authorities: readonly AuthorityStatus[];
  readonly nodes: number;
  readonly nodes_banned: number;
  readonly entries: number;
  readonly svids_live: number;
  readonly agents_connected: number;
  readonly tasks_active: number;
  readonly tasks_suspended: number;
  /** Ended and not quiet yet. */
  readonly tasks_ending: number;
  /** Grants that could not be ended yet: each keeps its task in `ending`. */
  readonly grants_stuck: number;
  /** Agents, gateways and brokers with a stream of task states. */
  readonly guards_connected: number;
  readonly record_size: Int64;
  /** False from a record that could not be written until one was. */
  readonly record_healthy: boolean;
  /** Guards that were heard since the server started and are not heard now; agents of evicted and banned nodes don't count. */
  readonly guards_silent: number;
  readonly approvals_pending: number;
  /** Records that the last signed checkpoint covers. */
  readonly record_checkpoint: Int64;
  /** Leases that are not proven to be gone. */
  readonly leases_open: number;
  /** Accounts at back-ends that neither a lease nor an owner explains. */
  readonly accounts_unmanaged: number;
  /** Tools whose definition changed, refused until an operator approves it. */
  readonly tools_quarantined: number;
  readonly recent_errors: readonly RecentErrorMessage[];
}

/** Asks for an enrolment string; `ttl` in seconds. */
export interface CreateEnrolmentRequest {
  readonly ttl: number;
  readonly address: string;
  readonly agent_id: SpiffeIdMessage | null;
}

/** The enrolment string: secret, shown once. */
export interface CreateEnrolmentResponse {
  readonly enrolment: string;
  readonly expires_at: Int64;
  readonly agent_id: SpiffeIdMessage | null;
}
