// SPDX-License-Identifier: Apache-2.0

/**
 * Why the task layer refuses, beside the codes of tasks, scopes and approvals. Stable; in the reason of a status, or as the refusal in an
 * answer. `NOT_ALLOWED` no role for it, or not for who asks · `CHANGED_MEANWHILE` what it was judged by kept changing: try again ·
 * `NAME_TAKEN` a profile has the name · `PROFILE_UNKNOWN` no agent profile has the name · `OWNER_UNKNOWN` who is to answer for it is no
 * active operator · `OPERATOR_CONFLICT` name, key, alias or SPIFFE ID are another operator's · `NODE_NOT_NAMED` several nodes, or none, and
 * none was named · `NODE_NOT_ALLOWED` the profile says on which node its tasks run · `TOO_MANY_CHILDREN` the parent has as many as its tier
 * allows · `TICKET_REFUSED` unknown, used, too old, of a task that is not active, or shown by another agent or process ·
 * `CALL_MALFORMED` a call that is not of its form · `DECISION_MALFORMED` a decision that is not of its form · `TASK_NOT_ACTIVE` the task is
 * suspended, ends, has ended or is past its deadline · `TASK_CHANGED` it changed since the call was judged · `OUT_OF_SCOPE` server, tool,
 * effect or time are not in the task's scope · `APPROVAL_MISSING` the call takes an approval · `BUDGET_SPENT` all calls of the tool are
 * made · `TOO_MANY_APPROVALS` as many calls of the task wait for people as may · `RECORD_UNAVAILABLE` it can't be recorded, so that it is not done · `TOOL_CHANGED` another definition was seen last ·
 * `CALL_NOT_OPEN` the statement is of no call that was let through and is not finished · `LEASE_CONFLICT` id or account are another lease's ·
 * `ACCOUNT_UNKNOWN` no broker reported the account · `ACCOUNT_NOT_NAMED` the broker's configuration does not name it as a legacy account ·
 * `TOO_MANY_ACCOUNTS` more accounts that no lease explains than are kept · `KILL_TARGET_UNKNOWN` nothing is there that could be ended ·
 * `PAGE_TOKEN_UNKNOWN` the token names nothing in the list · `RECORD_UNKNOWN` no record has the index or id · `NO_CHECKPOINT` nothing is
 * signed yet
 */
export type TaskRefusalCode =
  | "NOT_ALLOWED"
  | "CHANGED_MEANWHILE"
  | "NAME_TAKEN"
  | "PROFILE_UNKNOWN"
  | "OWNER_UNKNOWN"
  | "OPERATOR_CONFLICT"
  | "NODE_NOT_NAMED"
  | "NODE_NOT_ALLOWED"
  | "TOO_MANY_CHILDREN"
  | "TICKET_REFUSED"
  | "CALL_MALFORMED"
  | "DECISION_MALFORMED"
  | "TASK_NOT_ACTIVE"
  | "TASK_CHANGED"
  | "OUT_OF_SCOPE"
  | "APPROVAL_MISSING"
  | "TOO_MANY_APPROVALS"
  | "BUDGET_SPENT"
  | "RECORD_UNAVAILABLE"
  | "TOOL_CHANGED"
  | "CALL_NOT_OPEN"
  | "LEASE_CONFLICT"
  | "ACCOUNT_UNKNOWN"
  | "ACCOUNT_NOT_NAMED"
  | "TOO_MANY_ACCOUNTS"
  | "KILL_TARGET_UNKNOWN"
  | "PAGE_TOKEN_UNKNOWN"
  | "RECORD_UNKNOWN"
  | "NO_CHECKPOINT";
