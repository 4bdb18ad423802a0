// SPDX-License-Identifier: Apache-2.0
import type { Empty } from "../message.ts";
import type * as accounts from "../messages/mayfly-task/accounts.ts";
import type * as approvals from "../messages/mayfly-task/approvals.ts";
import type * as calls from "../messages/mayfly-task/calls.ts";
import type * as ends from "../messages/mayfly-task/ends.ts";
import type * as guards from "../messages/mayfly-task/guards.ts";
import type * as leases from "../messages/mayfly-task/leases.ts";
import type * as profiles from "../messages/mayfly-task/profiles.ts";
import type * as records from "../messages/mayfly-task/records.ts";
import type * as tasks from "../messages/mayfly-task/tasks.ts";
import { type Bidi, describeService, type ServerStream, type ServiceDescription, type Unary } from "../service.ts";

const file = "mayfly/task.proto";

/** Methods of mayfly.task.v1.Tasks. */
export interface MayflyTasksMethods {
  readonly StartTask: Unary<tasks.StartTaskRequest, tasks.StartTaskResponse>;
  readonly StartChild: Unary<tasks.StartChildRequest, tasks.StartTaskResponse>;
  readonly GetTask: Unary<tasks.GetTaskRequest, tasks.GetTaskResponse>;
  readonly ListTasks: Unary<tasks.ListTasksRequest, tasks.ListTasksResponse>;
  readonly SuspendTask: Unary<tasks.ChangeTaskRequest, tasks.GetTaskResponse>;
  readonly ResumeTask: Unary<tasks.ChangeTaskRequest, tasks.GetTaskResponse>;
  readonly EndTask: ServerStream<ends.EndTaskRequest, ends.EndProgress>;
  readonly Kill: ServerStream<ends.KillRequest, ends.EndProgress>;
}

/** Tasks, for operators; StartChild, GetTask and EndTask for a task's own subtree, too. */
export const mayflyTasksService: ServiceDescription<MayflyTasksMethods> = describeService(
  file,
  "mayfly.task.v1.Tasks",
  {
    StartTask: "unary",
    StartChild: "unary",
    GetTask: "unary",
    ListTasks: "unary",
    SuspendTask: "unary",
    ResumeTask: "unary",
    EndTask: "server-stream",
    Kill: "server-stream",
  },
);

/** Methods of mayfly.task.v1.Tickets. */
export interface MayflyTicketsMethods {
  readonly RedeemTicket: Unary<guards.RedeemTicketRequest, guards.RedeemTicketResponse>;
}

/** Tickets that processes show to their agent. */
export const mayflyTicketsService: ServiceDescription<MayflyTicketsMethods> = describeService(
  file,
  "mayfly.task.v1.Tickets",
  { RedeemTicket: "unary" },
);

/** Methods of mayfly.task.v1.Guards. */
export interface MayflyGuardsMethods {
  readonly Watch: Bidi<guards.GuardMessage, guards.GuardOrder>;
}

/** The stream of an agent, a gateway or a broker: states of tasks, orders to cut, and proof that it was done. */
export const mayflyGuardsService: ServiceDescription<MayflyGuardsMethods> = describeService(
  file,
  "mayfly.task.v1.Guards",
  { Watch: "bidi" },
);

/** Methods of mayfly.task.v1.Calls. */
export interface MayflyCallsMethods {
  readonly BeginCall: Unary<calls.BeginCallRequest, calls.BeginCallResponse>;
  readonly FinishCall: Unary<calls.FinishCallRequest, calls.FinishCallResponse>;
  readonly RecordDenial: Unary<calls.RecordDenialRequest, calls.RecordDenialResponse>;
  readonly RecordDecision: Unary<calls.RecordDecisionRequest, calls.RecordDecisionResponse>;
  readonly RequestApproval: Unary<calls.RequestApprovalRequest, calls.RequestApprovalResponse>;
  readonly PinTool: Unary<calls.PinToolRequest, calls.PinToolResponse>;
}

/** Calls of tools, for gateways: intent before, outcome after. */
export const mayflyCallsService: ServiceDescription<MayflyCallsMethods> = describeService(
  file,
  "mayfly.task.v1.Calls",
  {
    BeginCall: "unary",
    FinishCall: "unary",
    RecordDenial: "unary",
    RecordDecision: "unary",
    RequestApproval: "unary",
    PinTool: "unary",
  },
);

/** Methods of mayfly.task.v1.Approvals. */
export interface MayflyApprovalsMethods {
  readonly ListApprovals: Unary<approvals.ListApprovalsRequest, approvals.ListApprovalsResponse>;
  readonly GetApproval: Unary<approvals.GetApprovalRequest, approvals.ApprovalMessage>;
  readonly DecideApproval: Unary<approvals.DecideApprovalRequest, approvals.ApprovalMessage>;
  readonly ListTools: Unary<approvals.ListToolsRequest, approvals.ListToolsResponse>;
  readonly GetTool: Unary<approvals.GetToolRequest, approvals.GetToolResponse>;
  readonly ApproveTool: Unary<approvals.ApproveToolRequest, approvals.PinnedToolMessage>;
}

/** Approvals, for operators. */
export const mayflyApprovalsService: ServiceDescription<MayflyApprovalsMethods> = describeService(
  file,
  "mayfly.task.v1.Approvals",
  {
    ListApprovals: "unary",
    GetApproval: "unary",
    DecideApproval: "unary",
    ListTools: "unary",
    GetTool: "unary",
    ApproveTool: "unary",
  },
);

/** Methods of mayfly.task.v1.Profiles. */
export interface MayflyProfilesMethods {
  readonly CreateProfile: Unary<profiles.ProfileMessage, profiles.ProfileMessage>;
  readonly GetProfile: Unary<profiles.GetProfileRequest, profiles.ProfileMessage>;
  readonly ListProfiles: Unary<profiles.ListProfilesRequest, profiles.ListProfilesResponse>;
  readonly UpdateProfile: Unary<profiles.ProfileMessage, profiles.ProfileMessage>;
  readonly ChangeProfile: Unary<profiles.ChangeProfileRequest, profiles.ProfileMessage>;
  readonly CreateOperator: Unary<profiles.OperatorMessage, profiles.OperatorMessage>;
  readonly ListOperators: Unary<profiles.ListOperatorsRequest, profiles.ListOperatorsResponse>;
  readonly ChangeOperator: Unary<profiles.ChangeOperatorRequest, profiles.OperatorMessage>;
}

/** Profiles of agents, and operators. */
export const mayflyProfilesService: ServiceDescription<MayflyProfilesMethods> = describeService(
  file,
  "mayfly.task.v1.Profiles",
  {
    CreateProfile: "unary",
    GetProfile: "unary",
    ListProfiles: "unary",
    UpdateProfile: "unary",
    ChangeProfile: "unary",
    CreateOperator: "unary",
    ListOperators: "unary",
    ChangeOperator: "unary",
  },
);

/** Methods of mayfly.task.v1.Leases. */
export interface MayflyLeasesMethods {
  readonly BeginLease: Unary<leases.BeginLeaseRequest, leases.BeginLeaseResponse>;
  readonly ReportLease: Unary<leases.ReportLeaseRequest, leases.LeaseMessage>;
  readonly ReportUnmanaged: Unary<leases.ReportUnmanagedRequest, Empty>;
  readonly ListLeases: Unary<leases.ListLeasesRequest, leases.ListLeasesResponse>;
  readonly GetLease: Unary<leases.GetLeaseRequest, leases.LeaseMessage>;
  readonly RevokeLease: Unary<leases.RevokeLeaseRequest, leases.LeaseMessage>;
}

/** Leases of accounts at back-ends: begun and reported by brokers, listed and revoked by operators. */
export const mayflyLeasesService: ServiceDescription<MayflyLeasesMethods> = describeService(
  file,
  "mayfly.task.v1.Leases",
  {
    BeginLease: "unary",
    ReportLease: "unary",
    ReportUnmanaged: "unary",
    ListLeases: "unary",
    GetLease: "unary",
    RevokeLease: "unary",
  },
);

/** Methods of mayfly.task.v1.Accounts. */
export interface MayflyAccountsMethods {
  readonly ListAccounts: Unary<accounts.ListAccountsRequest, accounts.ListAccountsResponse>;
  readonly AdoptAccount: Unary<accounts.AdoptAccountRequest, accounts.AccountMessage>;
  readonly OrderAccount: Unary<accounts.OrderAccountRequest, accounts.AccountMessage>;
  readonly TakeOrders: Unary<accounts.TakeAccountOrdersRequest, accounts.TakeAccountOrdersResponse>;
  readonly FinishOrder: Unary<accounts.FinishAccountOrderRequest, Empty>;
}

/** Accounts at back-ends that no lease explains: listed, adopted and ordered about by operators, changed by brokers. */
export const mayflyAccountsService: ServiceDescription<MayflyAccountsMethods> = describeService(
  file,
  "mayfly.task.v1.Accounts",
  {
    ListAccounts: "unary",
    AdoptAccount: "unary",
    OrderAccount: "unary",
    TakeOrders: "unary",
    FinishOrder: "unary",
  },
);

/** Methods of mayfly.task.v1.Records. */
export interface MayflyRecordsMethods {
  readonly GetCheckpoint: Unary<Empty, records.GetCheckpointResponse>;
  readonly ExportRecords: ServerStream<records.ExportRecordsRequest, records.ExportRecordsResponse>;
  readonly ProveRecord: Unary<records.ProveRecordRequest, records.ProveRecordResponse>;
}

/** The record, for operators and auditors. */
export const mayflyRecordsService: ServiceDescription<MayflyRecordsMethods> = describeService(
  file,
  "mayfly.task.v1.Records",
  { GetCheckpoint: "unary", ExportRecords: "server-stream", ProveRecord: "unary" },
);
