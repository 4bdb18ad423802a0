// SPDX-License-Identifier: Apache-2.0
import type { Empty } from "../message.ts";
import type * as admin from "../messages/mayfly-admin.ts";
import type * as agent from "../messages/mayfly-agent.ts";
import type * as workload from "../messages/mayfly-workload.ts";
import { type Bidi, describeService, type ServiceDescription, type Unary } from "../service.ts";

/** Methods of mayfly.agent.v1.AgentSync. */
export interface MayflyAgentMethods {
  readonly Sync: Bidi<agent.SyncRequest, agent.SyncResponse>;
  readonly IssueX509: Unary<agent.IssueX509Request, agent.IssueX509Response>;
}

/** Push of reconciled sets, and issuing for keys that the agent made. */
export const mayflyAgentService: ServiceDescription<MayflyAgentMethods> = describeService(
  "mayfly/agent.proto",
  "mayfly.agent.v1.AgentSync",
  { Sync: "bidi", IssueX509: "unary" },
);

/** Methods of mayfly.admin.v1.Admin. */
export interface MayflyAdminMethods {
  readonly AwaitDelivery: Unary<admin.AwaitDeliveryRequest, admin.AwaitDeliveryResponse>;
  readonly Explain: Unary<admin.ExplainRequest, admin.ExplainResponse>;
  readonly GetStatus: Unary<Empty, admin.GetStatusResponse>;
  readonly CreateEnrolment: Unary<admin.CreateEnrolmentRequest, admin.CreateEnrolmentResponse>;
}

/** What operators ask beyond the SPIRE server API. */
export const mayflyAdminService: ServiceDescription<MayflyAdminMethods> = describeService(
  "mayfly/admin.proto",
  "mayfly.admin.v1.Admin",
  {
    AwaitDelivery: "unary",
    Explain: "unary",
    GetStatus: "unary",
    CreateEnrolment: "unary",
  },
);

/** Methods of mayfly.workload.v1.Introspection. */
export interface MayflyWorkloadMethods {
  readonly ExplainProcess: Unary<workload.ExplainProcessRequest, workload.ExplainProcessResponse>;
  readonly GetAgentStatus: Unary<Empty, workload.GetAgentStatusResponse>;
}

/** Introspection on the agent's socket. */
export const mayflyWorkloadService: ServiceDescription<MayflyWorkloadMethods> = describeService(
  "mayfly/workload.proto",
  "mayfly.workload.v1.Introspection",
  { ExplainProcess: "unary", GetAgentStatus: "unary" },
);

/** Methods of mayfly.workload.v1.TaskBinding. */
export interface MayflyTaskBindingMethods {
  readonly BindTask: Unary<workload.BindTaskRequest, workload.BindTaskResponse>;
}

/** Binds a process to a task, on the agent's socket. */
export const mayflyTaskBindingService: ServiceDescription<MayflyTaskBindingMethods> = describeService(
  "mayfly/workload.proto",
  "mayfly.workload.v1.TaskBinding",
  { BindTask: "unary" },
);
