// SPDX-License-Identifier: Apache-2.0
import type { TaskId } from "../task/task-id.ts";

/** One exact call that a person is asked about. All of it is signed. */
export interface ApprovalRequest {
  readonly id: string;
  readonly taskId: TaskId;
  /** Name of the task's agent profile: decides who may approve. */
  readonly agent: string;
  readonly server: string;
  readonly tool: string;
  /** Digest of the canonical arguments, `sha-256:<hex>`; what the approver is shown must have it. */
  readonly argumentsDigest: string;
  /** Digest of the policy bundle that asked for it. */
  readonly policyDigest: string;
  readonly requestedAt: Date;
  /** At this instant it is too late to decide and to use. */
  readonly notAfter: Date;
  /** Random, never used twice. */
  readonly nonce: string;
  /** Who asked: a task's SPIFFE ID or an operator. */
  readonly requester: string;
  /** The operator who answers for the task. */
  readonly owner: string;
  /** How many different people have to approve. */
  readonly approvers: number;
}

/** What a vote says; each is a different text to sign. */
export type VoteDecision = "approve" | "deny";

/** One operator's signed word. Kept whole, so that it is judged again at use, and by auditors. */
export interface Vote {
  /** Name of the operator. */
  readonly operator: string;
  readonly decision: VoteDecision;
  /** As given: an SSH signature or base64 of an Ed25519 signature over `approvalPayload`. */
  readonly signature: string;
  readonly at: Date;
}

/** `pending` and `approved` are open; the others are for ever. */
export type ApprovalState = "pending" | "approved" | "denied" | "consumed" | "expired" | "void";

/** A request and what became of it. A value; `decideApproval` and `spendApproval` make the next one. */
export interface Approval {
  readonly request: ApprovalRequest;
  /** What the approver is shown: the arguments of the call itself, in canonical JSON. Never logged; the request has its digest. */
  readonly argumentsJson: string;
  readonly state: ApprovalState;
  /** In the order in which they came. */
  readonly votes: readonly Vote[];
  /** Id of the one call that used it. */
  readonly consumedBy?: string | undefined;
  /** Assigned by the store with every write of the approval; grows. 0 = not stored yet. */
  readonly revision: number;
}
