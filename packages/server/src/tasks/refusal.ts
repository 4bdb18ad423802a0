// SPDX-License-Identifier: Apache-2.0
import { status } from "@grpc/grpc-js";
import { JournalError } from "@mayfly/journal";
import { type Reason, reasonDetail, StatusError } from "@mayfly/rpc";
import { ApprovalError, type ApprovalErrorCode, ScopeError, TaskError, type TaskErrorCode } from "@mayfly/tasks";
import type { TaskRefusalCode } from "./refusal-code.ts";

const tasks: Readonly<Record<TaskErrorCode, readonly [status: status, hint: string]>> = {
  BAD_TASK_ID: [status.INVALID_ARGUMENT, "a task id looks like t-abcdefghijklmnop"],
  TASK_UNKNOWN: [status.NOT_FOUND, "mayfly task list shows the tasks there are"],
  ILLEGAL_TRANSITION: [status.FAILED_PRECONDITION, "mayfly task show tells its state"],
  TASK_EXPIRED: [status.FAILED_PRECONDITION, "start a new task"],
  NO_TIME: [status.INVALID_ARGUMENT, "ask for a time to live above zero"],
  TOO_LONG: [status.FAILED_PRECONDITION, "ask for less time, or for a profile of another tier"],
  SCOPE_WIDENS: [status.FAILED_PRECONDITION, "ask for less, or have an admin widen the profile's ceiling"],
  EFFECT_REFUSED: [status.FAILED_PRECONDITION, "leave that tool out of the scope"],
  TOO_DEEP: [status.FAILED_PRECONDITION, "do it in the parent: its tier allows no deeper tasks"],
  TOO_MANY_CHILDREN: [status.FAILED_PRECONDITION, "end a child first"],
  OUTLIVES_PARENT: [status.FAILED_PRECONDITION, "ask for less time"],
  TIER_TOO_HIGH: [status.FAILED_PRECONDITION, "use a profile of a lower tier for the child"],
  PARENT_NOT_ACTIVE: [status.FAILED_PRECONDITION, "resume the parent, or start a new task"],
  PROFILE_NOT_ACTIVE: [status.FAILED_PRECONDITION, "resume the agent's profile"],
  PROFILE_EXPIRED: [status.FAILED_PRECONDITION, "have its owner renew the profile"],
  GRANT_UNKNOWN: [status.NOT_FOUND, "mayfly task show lists the grants"],
  ILLEGAL_GRANT_STEP: [status.FAILED_PRECONDITION, "an ended grant stays ended"],
  PROFILE_INVALID: [status.INVALID_ARGUMENT, "correct what is named"],
  OPERATOR_INVALID: [status.INVALID_ARGUMENT, "correct what is named"],
};

const approvals: Readonly<Record<ApprovalErrorCode, readonly [status: status, hint: string]>> = {
  OPERATOR_UNKNOWN: [status.NOT_FOUND, "register the operator first"],
  OPERATOR_NOT_ACTIVE: [status.PERMISSION_DENIED, "somebody else has to decide"],
  NOT_AN_APPROVER: [status.PERMISSION_DENIED, "somebody with the role approver for this agent has to decide"],
  APPROVER_IS_REQUESTER: [status.PERMISSION_DENIED, "mayfly operator list shows who has the role approver"],
  APPROVER_IS_OWNER: [status.PERMISSION_DENIED, "mayfly operator list shows who has the role approver"],
  PERSON_UNKNOWN: [status.FAILED_PRECONDITION, "register requester and owner as operators"],
  ALREADY_VOTED: [status.PERMISSION_DENIED, "somebody else has to approve, too"],
  ILLEGAL_TRANSITION: [status.FAILED_PRECONDITION, "it is decided; a new call asks anew"],
  KEY_INVALID: [status.INVALID_ARGUMENT, "register an ssh-ed25519 key"],
  SIGNATURE_MALFORMED: [status.INVALID_ARGUMENT, "sign the payload with ssh-keygen -Y sign -n mayfly-approval"],
  SIGNATURE_UNSUPPORTED: [status.INVALID_ARGUMENT, "sign with an Ed25519 key"],
  WRONG_NAMESPACE: [status.PERMISSION_DENIED, "sign in the namespace mayfly-approval"],
  KEY_NOT_REGISTERED: [status.PERMISSION_DENIED, "sign with a key that is registered for the operator"],
  BAD_SIGNATURE: [status.PERMISSION_DENIED, "sign exactly the payload that is shown"],
  REQUEST_INVALID: [status.INVALID_ARGUMENT, "correct what is named"],
  APPROVAL_MISSING: [status.FAILED_PRECONDITION, "have it approved first"],
  APPROVAL_DENIED: [status.FAILED_PRECONDITION, "it was denied; a new call asks anew"],
  APPROVAL_CONSUMED: [status.FAILED_PRECONDITION, "an approval is good for one call; ask anew"],
  APPROVAL_EXPIRED: [status.FAILED_PRECONDITION, "ask anew"],
  APPROVAL_VOID: [status.FAILED_PRECONDITION, "ask anew"],
  CALL_CHANGED: [status.FAILED_PRECONDITION, "make exactly the call that was approved"],
  POLICY_CHANGED: [status.FAILED_PRECONDITION, "ask anew under the policy of now"],
  TASK_NOT_ACTIVE: [status.FAILED_PRECONDITION, "resume the task, or start a new one"],
};

/** A refusal with its stable code and what would help, in the details of the status. */
export function taskRefusal(
  code: status,
  reason: { readonly code: TaskRefusalCode; readonly message: string; readonly hint: string },
  options?: ErrorOptions,
): StatusError {
  return withReason(code, reason, options);
}

function withReason(code: status, reason: Reason, options?: ErrorOptions): StatusError {
  return new StatusError(code, reason.message, [reasonDetail(reason)], options);
}

/** What the wire gets to see of an error of tasks, approvals, scopes and the record; undefined for other errors. */
export function taskStatusError(error: unknown): StatusError | undefined {
  if (error instanceof TaskError) return refuse(error, tasks[error.code], problemsOf(error));
  if (error instanceof ApprovalError) return refuse(error, approvals[error.code]);
  if (error instanceof ScopeError) {
    return refuse(error, [status.INVALID_ARGUMENT, "correct what is named"], problemsOf(error));
  }
  if (!(error instanceof JournalError)) return undefined;
  const isInput = error.code === "JSON_UNREPRESENTABLE" || error.code.startsWith("RECORD_");
  if (isInput) return refuse(error, [status.INVALID_ARGUMENT, "send text that can be recorded"]);
  const message = "the record can't be written now, so that nothing is done";
  const reason = { code: "RECORD_UNAVAILABLE", message, hint: "see the server's log" } as const;
  return taskRefusal(status.UNAVAILABLE, reason, { cause: error });
}

function refuse(
  error: Error & { readonly code: string },
  [code, hint]: readonly [status: status, hint: string],
  message: string = error.message,
): StatusError {
  return withReason(code, { code: error.code, message, hint }, { cause: error });
}

function problemsOf({
  message,
  problems,
}: {
  readonly message: string;
  readonly problems: readonly { readonly path: string; readonly problem: string }[];
}): string {
  if (problems.length < 2) return message;
  return problems
    .map(({ path, problem }) => `${path}: ${problem}`)
    .join("; ")
    .slice(0, 2000);
}
