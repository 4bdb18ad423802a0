// SPDX-License-Identifier: Apache-2.0
import type { Int64 } from "../../message.ts";

/** A task. `scope_json` is JSON (RFC 8785); instants in Unix milliseconds. */
export interface TaskMessage {
  readonly id: string;
  /** Empty for a root. */
  readonly parent_id: string;
  readonly root_id: string;
  readonly depth: number;
  readonly agent: string;
  readonly owner: string;
  readonly requested_by: string;
  /** T0 to T3. */
  readonly tier: string;
  readonly scope_json: string;
  /** proposed, active, suspended, ending or ended. */
  readonly state: string;
  /** completed, cancelled, revoked, expired or failed; empty while it lives. */
  readonly reason: string;
  readonly created_at_ms: Int64;
  readonly not_after_ms: Int64;
  readonly revision: Int64;
  readonly spiffe_id: string;
  readonly entry_id: string;
}

/** Something that a task holds. `evidence_json` is JSON, empty while there is none; instants in Unix milliseconds, 0 = not yet. */
export interface GrantMessage {
  readonly id: string;
  readonly task_id: string;
  /** entry, token-key, lease, connection or approval. */
  readonly kind: string;
  readonly guard: string;
  readonly ref: string;
  readonly not_after_ms: Int64;
  /** live, ending or gone. */
  readonly state: string;
  readonly evidence_json: string;
  readonly ended_at_ms: Int64;
}

/** Starts a root task; an empty `parent_node_id` = any node. */
export interface StartTaskRequest {
  readonly agent: string;
  readonly owner: string;
  readonly scope_json: string;
  readonly ttl_seconds: Int64;
  readonly parent_node_id: string;
}

/** Starts a child of the calling task; an empty `agent` = the caller's own profile, `name` may be empty. */
export interface StartChildRequest {
  readonly agent: string;
  /** A path segment. */
  readonly name: string;
  readonly scope_json: string;
  readonly ttl_seconds: Int64;
}

/** A new task with its ticket: secret, shown once, good for one process. */
export interface StartTaskResponse {
  readonly task: TaskMessage | null;
  readonly ticket: string;
  /** Unix milliseconds. */
  readonly ticket_expires_at_ms: Int64;
}

/** The task asked for. */
export interface GetTaskRequest {
  readonly id: string;
}

/** A task, all below it, and what the whole subtree holds. */
export interface GetTaskResponse {
  readonly task: TaskMessage | null;
  readonly descendants: readonly TaskMessage[];
  readonly grants: readonly GrantMessage[];
  /** How many don't fit into a message: of grants those that are gone go first, the oldest of them foremost. */
  readonly descendants_left_out: number;
  readonly grants_left_out: number;
}

/** Filters; empty = not asked. */
export interface ListTasksRequest {
  readonly agent: string;
  readonly owner: string;
  readonly state: string;
  readonly page_size: number;
  readonly page_token: string;
}

/** One page; an empty token = the last. */
export interface ListTasksResponse {
  readonly tasks: readonly TaskMessage[];
  readonly next_page_token: string;
}

/** Suspends or resumes a task. */
export interface ChangeTaskRequest {
  readonly id: string;
  readonly why: string;
}
