// SPDX-License-Identifier: Apache-2.0
import type { Int64 } from "../../message.ts";

/**
 * A question to people. `arguments_json` is canonical JSON (RFC 8785), `payload` and `deny_payload` the exact texts to sign;
 * instants in Unix milliseconds.
 */
export interface ApprovalMessage {
  readonly id: string;
  readonly task_id: string;
  readonly server: string;
  readonly tool: string;
  readonly arguments_json: string;
  readonly payload: string;
  /** pending, approved, denied, consumed, expired or void. */
  readonly state: string;
  readonly requested_at_ms: Int64;
  readonly not_after_ms: Int64;
  readonly requester: string;
  readonly owner: string;
  readonly approvers: readonly string[];
  readonly approvals_needed: number;
  readonly policy_digest: string;
  readonly deny_payload: string;
}

/** Filters; empty = not asked. */
export interface ListApprovalsRequest {
  readonly state: string;
  readonly task_id: string;
  readonly page_size: number;
  readonly page_token: string;
}

/** One page of the approvals that match; an empty token = the last one. */
export interface ListApprovalsResponse {
  readonly approvals: readonly ApprovalMessage[];
  readonly next_page_token: string;
}

/** The approval asked for. */
export interface GetApprovalRequest {
  readonly id: string;
}

/** An operator's answer. `signature` is an armoured SSHSIG, or Ed25519 in base64, over the payload of the answer given. */
export interface DecideApprovalRequest {
  readonly id: string;
  readonly operator: string;
  readonly approve: boolean;
  readonly signature: string;
  readonly why: string;
}

/** A tool's definition that is trusted, and the last other one that was seen. Digests as `sha-256:<hex>`, instants in Unix milliseconds. */
export interface PinnedToolMessage {
  readonly server: string;
  readonly tool: string;
  readonly digest: string;
  readonly seen_digest: string;
  /** pinned or quarantined. */
  readonly state: string;
  readonly pinned_by: string;
  readonly pinned_at_ms: Int64;
  readonly seen_at_ms: Int64;
}

/** Filter; empty = not asked. */
export interface ListToolsRequest {
  readonly state: string;
  readonly page_size: number;
  readonly page_token: string;
}

/** One page of the tools that match; an empty token = the last one. */
export interface ListToolsResponse {
  readonly tools: readonly PinnedToolMessage[];
  readonly next_page_token: string;
}

/** The tool asked for. */
export interface GetToolRequest {
  readonly server: string;
  readonly tool: string;
}

/** A tool with both definitions in canonical JSON: the trusted one, and the last other one that was seen since (else the trusted one again). */
export interface GetToolResponse {
  readonly tool: PinnedToolMessage | null;
  readonly definition_json: string;
  readonly seen_definition_json: string;
}

/** The definition to trust from now on: the one that was seen last. */
export interface ApproveToolRequest {
  readonly server: string;
  readonly tool: string;
  readonly digest: string;
  readonly why: string;
}
