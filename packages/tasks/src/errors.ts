// SPDX-License-Identifier: Apache-2.0
import { SpiffeError } from "@mayfly/spiffe";

/** One thing that is wrong with a document that a person wrote. */
export interface Problem {
  /** Where: member names and indexes, such as `tools[2].arguments.amount`; "" = the document itself. */
  readonly path: string;
  /** What is expected there. Quotes no value. */
  readonly problem: string;
}

/**
 * `BAD_TASK_ID` not `t-` and 16 characters · `TASK_UNKNOWN` no such task · `ILLEGAL_TRANSITION` the state allows no such step ·
 * `TASK_EXPIRED` past its deadline · `NO_TIME` the deadline asked for is not in the future · `TOO_LONG` lasts longer than the tier allows ·
 * `SCOPE_WIDENS` asks for more than the parent or the profile has · `EFFECT_REFUSED` the tier allows no such effect · `TOO_DEEP` the
 * parent's tier allows no descendants at that depth · `TOO_MANY_CHILDREN` more than the parent's tier allows at a time · `OUTLIVES_PARENT`
 * the deadline is after the parent's · `TIER_TOO_HIGH` higher than the parent's tier allows · `PARENT_NOT_ACTIVE` suspended, over or past
 * its deadline · `PROFILE_NOT_ACTIVE` the agent is suspended or retired · `PROFILE_EXPIRED` the agent's profile ends before the task would ·
 * `GRANT_UNKNOWN` no such grant · `ILLEGAL_GRANT_STEP` a grant is never revived, and gone only with evidence · `PROFILE_INVALID` not an
 * agent profile; `problems` has all that is wrong · `OPERATOR_INVALID` not an operator; `problems` has all that is wrong.
 */
export type TaskErrorCode =
  | "BAD_TASK_ID"
  | "TASK_UNKNOWN"
  | "ILLEGAL_TRANSITION"
  | "TASK_EXPIRED"
  | "NO_TIME"
  | "TOO_LONG"
  | "SCOPE_WIDENS"
  | "EFFECT_REFUSED"
  | "TOO_DEEP"
  | "TOO_MANY_CHILDREN"
  | "OUTLIVES_PARENT"
  | "TIER_TOO_HIGH"
  | "PARENT_NOT_ACTIVE"
  | "PROFILE_NOT_ACTIVE"
  | "PROFILE_EXPIRED"
  | "GRANT_UNKNOWN"
  | "ILLEGAL_GRANT_STEP"
  | "PROFILE_INVALID"
  | "OPERATOR_INVALID";

/** Something about a task, its grants, its agent or its operators is not allowed; nothing was changed. */
export class TaskError extends SpiffeError {
  readonly code: TaskErrorCode;
  /** All that is wrong with a profile or operator; empty for the other codes. */
  readonly problems: readonly Problem[];

  constructor(
    code: TaskErrorCode,
    message: string,
    options?: ErrorOptions & { readonly problems?: readonly Problem[] },
  ) {
    super(message, options);
    this.code = code;
    this.problems = options?.problems ?? [];
  }
}

/** `SCOPE_INVALID` not a scope; `problems` has all that is wrong. */
export type ScopeErrorCode = "SCOPE_INVALID";

/** A value that is no scope. */
export class ScopeError extends SpiffeError {
  readonly code: ScopeErrorCode = "SCOPE_INVALID";
  /** All that is wrong, at once. */
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const [first] = problems;
    super(`no scope: ${first === undefined ? "" : `${first.path}: ${first.problem}`}`);
    this.problems = problems;
  }
}

/**
 * Of a vote: `OPERATOR_UNKNOWN` no such operator · `OPERATOR_NOT_ACTIVE` suspended or removed · `NOT_AN_APPROVER` no such role for this
 * agent · `APPROVER_IS_REQUESTER` who asked for a call, or for what led to it, does not approve it · `APPROVER_IS_OWNER` who answers for a
 * task does not approve its calls · `PERSON_UNKNOWN` requester or owner is nobody that is registered, so separation of duties can't be
 * decided · `ALREADY_VOTED` the same person, also under another name or key · `ILLEGAL_TRANSITION` the approval's state allows no such step.
 * Of a signature: `KEY_INVALID` no `ssh-ed25519` public key, or one that anybody can sign under · `SIGNATURE_MALFORMED` neither an
 * armored SSH signature nor base64 of 64 bytes · `SIGNATURE_UNSUPPORTED` another kind of key or hash · `WRONG_NAMESPACE` made for another
 * purpose · `KEY_NOT_REGISTERED` by a key that is not the operator's · `BAD_SIGNATURE` not over this request and this decision.
 * Of what is signed: `REQUEST_INVALID` it can't be written down, or its arguments are not those that are shown.
 * Of a use: `APPROVAL_MISSING` not approved by enough people · `APPROVAL_DENIED` a denial wins until the use · `APPROVAL_CONSUMED` it was
 * used · `APPROVAL_EXPIRED` past its end · `APPROVAL_VOID` its task was suspended or ended · `CALL_CHANGED` another tool, task or arguments
 * than were approved · `POLICY_CHANGED` another policy than it was asked under · `TASK_NOT_ACTIVE` the task is not active.
 */
export type ApprovalErrorCode =
  | "OPERATOR_UNKNOWN"
  | "OPERATOR_NOT_ACTIVE"
  | "NOT_AN_APPROVER"
  | "APPROVER_IS_REQUESTER"
  | "APPROVER_IS_OWNER"
  | "PERSON_UNKNOWN"
  | "ALREADY_VOTED"
  | "ILLEGAL_TRANSITION"
  | "KEY_INVALID"
  | "SIGNATURE_MALFORMED"
  | "SIGNATURE_UNSUPPORTED"
  | "WRONG_NAMESPACE"
  | "KEY_NOT_REGISTERED"
  | "BAD_SIGNATURE"
  | "REQUEST_INVALID"
  | "APPROVAL_MISSING"
  | "APPROVAL_DENIED"
  | "APPROVAL_CONSUMED"
  | "APPROVAL_EXPIRED"
  | "APPROVAL_VOID"
  | "CALL_CHANGED"
  | "POLICY_CHANGED"
  | "TASK_NOT_ACTIVE";

/** A vote, a signature or the use of an approval was refused; the approval is what it was. */
export class ApprovalError extends SpiffeError {
  readonly code: ApprovalErrorCode;

  constructor(code: ApprovalErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
