// SPDX-License-Identifier: Apache-2.0

/** Classes of callers a method may be open to. A method outside the table is closed to everybody. */
export type CallerClass =
  | "any"
  | "local"
  | "admin"
  | "downstream"
  | "agent"
  /** A registered operator by an SVID of theirs; what they may is for their roles. */
  | "operator"
  /** An active task by its own SVID; for its own subtree. */
  | "task"
  | "gateway"
  | "broker";

/** Which token bucket a call draws from. */
export type LimitName = "attestation" | "signing" | "jwt";

/** What the table says about one method. */
export interface MethodRule {
  readonly allow: readonly CallerClass[];
  readonly limit?: LimitName | undefined;
  /** The list of the request whose length is the cost of the call; undefined = one token. */
  readonly perItemOf?: string | undefined;
  /** Changes something in an operator's name: each call is told in the log. */
  readonly recorded?: boolean | undefined;
}

const operators: MethodRule = { allow: ["local", "admin"] };
const changes: MethodRule = { ...operators, recorded: true };
const agents: MethodRule = { allow: ["agent"] };
const people: MethodRule = { allow: ["local", "admin", "operator"] };
const peopleAndTasks: MethodRule = { allow: ["local", "admin", "operator", "task"] };
const gateways: MethodRule = { allow: ["gateway"] };
const brokers: MethodRule = { allow: ["broker"] };
const peopleAndBrokers: MethodRule = { allow: ["local", "admin", "operator", "broker"] };
const localOnly: MethodRule = { allow: ["local"] };
const signingAgents: MethodRule = { allow: ["agent"], limit: "signing" };

function rules(service: string, methods: Readonly<Record<string, MethodRule>>): [string, MethodRule][] {
  return Object.entries(methods).map(([name, rule]) => [`/${service}/${name}`, rule]);
}

function all(rule: MethodRule, ...names: string[]): Record<string, MethodRule> {
  return Object.fromEntries(names.map((name) => [name, rule]));
}

const kinds = ["JWT", "X509"];
const authorityChanges = ["Prepare", "Activate", "Taint", "Revoke"].flatMap((verb) =>
  kinds.map((kind) => `${verb}${kind}Authority`),
);

/** Who may call what, by full method path. SPIRE 1.13.3 has no rule for Agent/PostStatus, so nobody may call it. */
export const methodTable: ReadonlyMap<string, MethodRule> = new Map<string, MethodRule>([
  ...rules("spire.api.server.agent.v1.Agent", {
    ...all(operators, "CountAgents", "ListAgents", "GetAgent"),
    ...all(changes, "DeleteAgent", "BanAgent", "CreateJoinToken"),
    AttestAgent: { allow: ["any"], limit: "attestation" },
    RenewAgent: signingAgents,
  }),
  ...rules("spire.api.server.bundle.v1.Bundle", {
    ...all(operators, "CountBundles", "ListFederatedBundles"),
    ...all(changes, "AppendBundle", "BatchCreateFederatedBundle", "BatchUpdateFederatedBundle"),
    ...all(changes, "BatchSetFederatedBundle", "BatchDeleteFederatedBundle"),
    GetBundle: { allow: ["any"] },
    GetFederatedBundle: { allow: ["local", "admin", "agent"] },
    PublishJWTAuthority: { allow: ["downstream"], limit: "jwt" },
  }),
  ...rules("spire.api.server.entry.v1.Entry", {
    ...all(operators, "CountEntries", "ListEntries", "GetEntry"),
    ...all(changes, "BatchCreateEntry", "BatchUpdateEntry", "BatchDeleteEntry"),
    ...all(agents, "GetAuthorizedEntries", "SyncAuthorizedEntries"),
  }),
  ...rules("spire.api.server.svid.v1.SVID", {
    ...all(changes, "MintX509SVID", "MintJWTSVID"),
    BatchNewX509SVID: { ...signingAgents, perItemOf: "params" },
    NewJWTSVID: { allow: ["agent"], limit: "jwt" },
    NewDownstreamX509CA: { allow: ["downstream"], limit: "signing" },
  }),
  ...rules("spire.api.server.trustdomain.v1.TrustDomain", {
    ...all(operators, "ListFederationRelationships", "GetFederationRelationship", "RefreshBundle"),
    ...all(operators, "BatchCreateFederationRelationship", "BatchUpdateFederationRelationship"),
    ...all(operators, "BatchDeleteFederationRelationship"),
  }),
  ...rules("spire.api.server.localauthority.v1.LocalAuthority", {
    ...all(operators, "GetJWTAuthorityState", "GetX509AuthorityState"),
    ...all(changes, ...authorityChanges, "TaintX509UpstreamAuthority", "RevokeX509UpstreamAuthority"),
  }),
  ...rules("spire.api.server.debug.v1.Debug", all(localOnly, "GetInfo")),
  ...rules("spire.api.server.logger.v1.Logger", {
    ...all(localOnly, "GetLogger"),
    ...all({ ...localOnly, recorded: true }, "SetLogLevel", "ResetLogLevel"),
  }),
  ...rules("grpc.health.v1.Health", all(localOnly, "Check", "List", "Watch")),
  ...rules("mayfly.agent.v1.AgentSync", { Sync: agents, IssueX509: { ...signingAgents, perItemOf: "keys" } }),
  ...rules("mayfly.task.v1.Tasks", {
    ...all(people, "StartTask", "ListTasks", "SuspendTask", "ResumeTask", "Kill"),
    ...all(peopleAndTasks, "GetTask", "EndTask"),
    StartChild: { allow: ["task"] },
  }),
  ...rules("mayfly.task.v1.Tickets", { RedeemTicket: { ...agents, limit: "signing" } }),
  ...rules("mayfly.task.v1.Guards", { Watch: { allow: ["agent", "gateway", "broker"] } }),
  ...rules("mayfly.task.v1.Calls", {
    ...all(gateways, "BeginCall", "FinishCall", "RecordDenial", "RecordDecision", "RequestApproval", "PinTool"),
  }),
  ...rules("mayfly.task.v1.Approvals", {
    ...all(people, "ListApprovals", "GetApproval", "DecideApproval", "ListTools", "GetTool", "ApproveTool"),
  }),
  ...rules("mayfly.task.v1.Profiles", {
    ...all(people, "CreateProfile", "GetProfile", "ListProfiles", "UpdateProfile", "ChangeProfile"),
    ...all(people, "CreateOperator", "ListOperators", "ChangeOperator"),
  }),
  ...rules("mayfly.task.v1.Leases", {
    ...all(brokers, "BeginLease", "ReportLease", "ReportUnmanaged"),
    ...all(peopleAndBrokers, "ListLeases", "GetLease"),
    RevokeLease: people,
  }),
  ...rules("mayfly.task.v1.Accounts", {
    ...all(people, "ListAccounts", "AdoptAccount", "OrderAccount"),
    ...all(brokers, "TakeOrders", "FinishOrder"),
  }),
  ...rules("mayfly.task.v1.Records", all(people, "GetCheckpoint", "ExportRecords", "ProveRecord")),
  ...rules("mayfly.admin.v1.Admin", {
    ...all(localOnly, "AwaitDelivery", "Explain", "GetStatus"),
    CreateEnrolment: { ...localOnly, recorded: true },
  }),
]);
