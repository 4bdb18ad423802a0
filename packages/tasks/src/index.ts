// SPDX-License-Identifier: Apache-2.0
// Tasks and how they end.
export { type Task, type TaskState, type EndReason } from "./task/task.ts";
export { createTaskId, isTaskId, parseTaskId, type TaskId, taskIdBytes } from "./task/task-id.ts";
export { nextTask, type TaskEvent } from "./task/next-task.ts";
export { changeAgentTasks, changeSubtree, type Holdings, type SubtreeEvent } from "./task/change-subtree.ts";
export { startTask } from "./task/start-task.ts";
export { delegate, type DelegationFacts } from "./task/delegation.ts";
export type { TaskRequest } from "./task/admission.ts";
export {
  agentSpiffeId,
  createTaskIdentity,
  parseTaskSpiffeId,
  type TaskIdentity,
  taskSpiffeId,
} from "./task/task-identity.ts";
// What they hold.
export type { Evidence, Grant, GrantKind } from "./grant.ts";
export { type GrantEvent, nextGrant } from "./next-grant.ts";
export { isQuiet, type Quiet } from "./quiet.ts";
export type { Call, CallState } from "./call.ts";
export type { Lease, LeaseMode, LeaseState } from "./lease.ts";
export type { PinnedTool } from "./pinned-tool.ts";
// What they may do.
export type { ApprovalClause, ArgumentLimit, Effect, ResourceLimit, Scalar, Scope, ToolScope } from "./scope/scope.ts";
export { parseScope } from "./scope/parse-scope.ts";
export { formatScope } from "./scope/format-scope.ts";
export { isNarrower, type Narrowing } from "./scope/narrowing.ts";
export { isCanonicalResource } from "./scope/resource.ts";
export {
  judgeCall,
  type ScopeProblem,
  type ScopeProblemCode,
  type ScopeVerdict,
  type ToolCall,
} from "./scope/judge-call.ts";
export { type CallProblem, type CallVerdict, judgeTaskCall } from "./task/judge-task-call.ts";
export { type BudgetCounter, countersOf } from "./budget.ts";
export { isTierAtMost, type Tier, tierNames, type TierRules, tiers } from "./tier.ts";
// Who answers for them.
export { type AgentProfile, parseProfile, type ProfileState } from "./operator/profile.ts";
export { hasRole, type Operator, parseOperator, type Role, type RoleGrant } from "./operator/operator.ts";
export { findConflict, findPerson, isPerson } from "./operator/person.ts";
// Approvals.
export type { Approval, ApprovalRequest, ApprovalState, Vote, VoteDecision } from "./approval/approval.ts";
export { argumentsDigest, createApproval } from "./approval/create-approval.ts";
export { approvalPayload } from "./approval/approval-payload.ts";
export { type ApprovalEvent, isApprovalOpen, nextApproval } from "./approval/next-approval.ts";
export { decideApproval } from "./approval/decide-approval.ts";
export type { ApprovalFacts } from "./approval/judge-vote.ts";
export { type ApprovalUse, type ApprovedCall, spendApproval } from "./approval/spend-approval.ts";
export { verifyApprovalSignature } from "./approval/signature.ts";
export { approvalNamespace } from "./approval/ssh-signature.ts";
export { formatOperatorKey, type OperatorKey, parseOperatorKey } from "./approval/operator-key.ts";
// Errors and stores.
export {
  ApprovalError,
  type ApprovalErrorCode,
  type Problem,
  ScopeError,
  type ScopeErrorCode,
  TaskError,
  type TaskErrorCode,
} from "./errors.ts";
export { type AccountAlarm, accountAlarms } from "./account/account-alarms.ts";
export type { AccountName, AccountStore, OrderOutcome } from "./account/account-store.ts";
export type { AccountOrder, AccountOrderKind, Adoption, BackendAccount } from "./account/backend-account.ts";
export type {
  BeginLeaseOutcome,
  CallOutcome,
  CallStore,
  LeaseReport,
  LeaseStore,
  NewLease,
  ToolApproval,
  ToolDefinitions,
  ToolSighting,
  ToolStore,
  UnmanagedAccount,
} from "./guard-stores.ts";
export type {
  ApprovalStore,
  BudgetStore,
  CallClaim,
  CommittedHoldings,
  CreateApprovalOutcome,
  CreateTaskGuard,
  CreateTaskOutcome,
  GrantStore,
  OpenGrantOutcome,
  OperatorStore,
  ProfileStore,
  RedeemOutcome,
  ListPage,
  PrunedTasks,
  SettleOutcome,
  TakeOutcome,
  TaskFilter,
  TaskStore,
  Ticket,
  TicketStore,
  WriteOutcome,
} from "./stores.ts";
