// SPDX-License-Identifier: Apache-2.0
import type { Int64 } from "../../message.ts";

/** A call that was decided on and is about to be made. */
export interface BeginCallRequest {
  readonly task_id: string;
  readonly svid_serial: string;
  readonly server: string;
  readonly tool: string;
  /** read, reversible or irreversible. */
  readonly effect: string;
  /** Keyed: what the record holds. */
  readonly arguments_digest: string;
  /** SHA-256 of the canonical arguments: what approvals bind. Never recorded. */
  readonly canonical_digest: string;
  readonly policy_digest: string;
  readonly policy_ids: readonly string[];
  /** Empty = none. */
  readonly approval_id: string;
  readonly trace_id: string;
  readonly decision_id: string;
  /** Revision of the task that the decision was made on. */
  readonly task_revision: Int64;
}

/** The durable intent. An empty `refusal` = go on; else the call must not be made, and `refusal` is a stable code. */
export interface BeginCallResponse {
  readonly call_id: string;
  readonly record_index: Int64;
  readonly refusal: string;
  readonly message: string;
}

/** How a call ended: done, failed or unknown. */
export interface FinishCallRequest {
  readonly call_id: string;
  readonly outcome: string;
  readonly detail: string;
  readonly duration_ms: number;
}

/** Where the outcome stands in the record. */
export interface FinishCallResponse {
  readonly record_index: Int64;
}

/** A call that was refused, why (a stable code), and whether an approval would help. */
export interface RecordDenialRequest {
  readonly call: BeginCallRequest | null;
  readonly code: string;
  readonly message: string;
  readonly requestable: boolean;
}

/** Where the denial stands in the record. */
export interface RecordDenialResponse {
  readonly record_index: Int64;
}

/** A decision that begins no call. Texts are at most 256 characters, lists at most 256 long; empty = there is none. */
export interface RecordDecisionRequest {
  /** list (what `tools/list` showed), evaluation (AuthZEN) or refused (before the policy was asked). */
  readonly kind: string;
  readonly task_id: string;
  /** Lower-case hex. */
  readonly svid_serial: string;
  /** SPIFFE ID. */
  readonly subject: string;
  readonly server: string;
  readonly tool: string;
  readonly allowed: boolean;
  /** Stable codes. */
  readonly reasons: readonly string[];
  /** Names of tools; of a list only. */
  readonly shown: readonly string[];
  /** Keyed: what the record holds. */
  readonly arguments_digest: string;
  readonly policy_digest: string;
  readonly policy_ids: readonly string[];
  readonly decision_id: string;
  readonly trace_id: string;
}

/** Where the decision stands in the record; `summed` = nowhere by itself, it is counted in a later record. */
export interface RecordDecisionResponse {
  readonly record_index: Int64;
  readonly summed: boolean;
}

/** Asks people to approve a call; `arguments_json` is canonical JSON (RFC 8785), what the approver is shown. */
export interface RequestApprovalRequest {
  readonly call: BeginCallRequest | null;
  readonly arguments_json: string;
  readonly ttl_seconds: Int64;
}

/** The approval that is waited for; its end in Unix milliseconds. */
export interface RequestApprovalResponse {
  readonly approval_id: string;
  readonly not_after_ms: Int64;
  readonly state: string;
}

/** A tool's definition as the gateway sees it. */
export interface PinToolRequest {
  readonly server: string;
  readonly tool: string;
  readonly definition_digest: string;
  /** What the digest is of: the whole definition in canonical JSON, at most 128 KiB. */
  readonly definition_json: string;
}

/** Whether it is the pinned definition; if not, the tool is quarantined until it is approved again. */
export interface PinToolResponse {
  readonly pinned: boolean;
  readonly pinned_digest: string;
}
