// SPDX-License-Identifier: Apache-2.0
export { type CallOptions, type ChannelOptions, RpcChannel } from "./client/rpc-channel.ts";
export { type ClientTls, TlsCredentials } from "./client/tls-credentials.ts";
export { Encoded, encodeResponse } from "./encoded.ts";
export type { Answer, CallContext, Handler, Handlers, PeerConnection } from "./handlers.ts";
export type { BoolValue, Empty, EnumValue, Int64, Sent, StringValue } from "./message.ts";
export type {
  AgentFilter,
  AgentX509SvidParams,
  AttestAgentParams,
  AttestAgentRequest,
  AttestAgentResponse,
  AttestAgentResult,
  BanAgentRequest,
  CountAgentsRequest,
  CountAgentsResponse,
  CreateJoinTokenRequest,
  DeleteAgentRequest,
  GetAgentRequest,
  ListAgentsRequest,
  ListAgentsResponse,
  PostStatusRequest,
  PostStatusResponse,
  RenewAgentRequest,
  RenewAgentResponse,
} from "./messages/agent.ts";
export type {
  AppendBundleRequest,
  BatchBundleResponse,
  BatchCreateFederatedBundleRequest,
  BatchDeleteFederatedBundleRequest,
  BatchDeleteFederatedBundleResponse,
  BatchSetFederatedBundleRequest,
  BatchUpdateFederatedBundleRequest,
  BundleResult,
  CountBundlesRequest,
  CountBundlesResponse,
  DeleteBundleMode,
  GetBundleRequest,
  GetFederatedBundleRequest,
  ListFederatedBundlesRequest,
  ListFederatedBundlesResponse,
  PublishJWTAuthorityRequest,
  PublishJWTAuthorityResponse,
} from "./messages/bundle.ts";
export type { DebugCertificate, GetInfoResponse } from "./messages/debug.ts";
export type {
  BatchCreateEntryRequest,
  BatchDeleteEntryRequest,
  BatchDeleteEntryResponse,
  BatchEntryResponse,
  BatchUpdateEntryRequest,
  CountEntriesRequest,
  CountEntriesResponse,
  EntryFilterMessage,
  EntryResult,
  EntryRevisionMessage,
  GetAuthorizedEntriesRequest,
  GetAuthorizedEntriesResponse,
  GetEntryRequest,
  ListEntriesRequest,
  ListEntriesResponse,
  SyncAuthorizedEntriesRequest,
  SyncAuthorizedEntriesResponse,
} from "./messages/entry.ts";
export type { HealthCheckRequest, HealthCheckResponse, HealthListResponse, ServingStatus } from "./messages/health.ts";
export type {
  ActivateAuthorityResponse,
  AuthorityRequest,
  AuthorityStateMessage,
  AuthorityStateResponse,
  PrepareAuthorityResponse,
  RevokeAuthorityResponse,
  TaintAuthorityResponse,
  UpstreamAuthorityRequest,
  UpstreamAuthorityResponse,
} from "./messages/localauthority.ts";
export type { SetLogLevelRequest } from "./messages/logger.ts";
export type {
  AuthorityStatus,
  AwaitDeliveryRequest,
  AwaitDeliveryResponse,
  CreateEnrolmentRequest,
  CreateEnrolmentResponse,
  ExplainRequest,
  ExplainResponse,
  FindingMessage,
  GetStatusResponse,
  RecentErrorMessage,
} from "./messages/mayfly-admin.ts";
export type {
  IssuedSvid,
  IssueX509Request,
  IssueX509Response,
  KeyToCertify,
  SyncAck,
  SyncOpen,
  SyncRequest,
  SyncResponse,
  SyncVersions,
  VersionedBundle,
  VersionedEntry,
} from "./messages/mayfly-agent.ts";
export type {
  ApprovalMessage,
  DecideApprovalRequest,
  GetApprovalRequest,
  ListApprovalsRequest,
  ListApprovalsResponse,
  ApproveToolRequest,
  GetToolRequest,
  GetToolResponse,
  ListToolsRequest,
  ListToolsResponse,
  PinnedToolMessage,
} from "./messages/mayfly-task/approvals.ts";
export type {
  BeginCallRequest,
  BeginCallResponse,
  FinishCallRequest,
  FinishCallResponse,
  PinToolRequest,
  PinToolResponse,
  RecordDecisionRequest,
  RecordDecisionResponse,
  RecordDenialRequest,
  RecordDenialResponse,
  RequestApprovalRequest,
  RequestApprovalResponse,
} from "./messages/mayfly-task/calls.ts";
export type {
  EndProgress,
  EndSummary,
  EndTaskRequest,
  KillRequest,
} from "./messages/mayfly-task/ends.ts";
export type {
  GrantReport,
  GuardBeat,
  GuardHello,
  GuardMessage,
  GuardOrder,
  GuardReport,
  RedeemTicketRequest,
  RedeemTicketResponse,
  TaskStanding,
} from "./messages/mayfly-task/guards.ts";
export type {
  AccountMessage,
  AccountOrderMessage,
  AdoptAccountRequest,
  FinishAccountOrderRequest,
  ListAccountsRequest,
  ListAccountsResponse,
  OrderAccountRequest,
  TakeAccountOrdersRequest,
  TakeAccountOrdersResponse,
} from "./messages/mayfly-task/accounts.ts";
export type {
  BeginLeaseRequest,
  BeginLeaseResponse,
  GetLeaseRequest,
  LeaseMessage,
  ListLeasesRequest,
  ListLeasesResponse,
  ReportLeaseRequest,
  ReportUnmanagedRequest,
  RevokeLeaseRequest,
  UnmanagedAccountMessage,
} from "./messages/mayfly-task/leases.ts";
export type {
  ChangeOperatorRequest,
  ChangeProfileRequest,
  GetProfileRequest,
  ListOperatorsRequest,
  ListOperatorsResponse,
  ListProfilesRequest,
  ListProfilesResponse,
  OperatorMessage,
  OperatorRoleMessage,
  ProfileMessage,
} from "./messages/mayfly-task/profiles.ts";
export type {
  ExportRecordsRequest,
  ExportRecordsResponse,
  GetCheckpointResponse,
  ProveRecordRequest,
  ProveRecordResponse,
} from "./messages/mayfly-task/records.ts";
export type {
  ChangeTaskRequest,
  GetTaskRequest,
  GetTaskResponse,
  GrantMessage,
  ListTasksRequest,
  ListTasksResponse,
  StartChildRequest,
  StartTaskRequest,
  StartTaskResponse,
  TaskMessage,
} from "./messages/mayfly-task/tasks.ts";
export type {
  BindTaskRequest,
  BindTaskResponse,
  ExplainProcessRequest,
  ExplainProcessResponse,
  GetAgentStatusResponse,
  ObstacleMessage,
} from "./messages/mayfly-workload.ts";
export type { ServerReflectionRequest, ServerReflectionResponse } from "./messages/reflection.ts";
export { fromStruct, type Json, type StructMessage, toStruct, type ValueMessage } from "./messages/struct.ts";
export type {
  BatchNewX509SVIDRequest,
  BatchNewX509SVIDResponse,
  MintJWTSVIDRequest,
  MintJWTSVIDResponse,
  MintX509SVIDRequest,
  MintX509SVIDResponse,
  NewDownstreamX509CARequest,
  NewDownstreamX509CAResponse,
  NewJWTSVIDRequest,
  NewJWTSVIDResponse,
  NewX509SvidParams,
  NewX509SvidResult,
} from "./messages/svid.ts";
export type {
  BatchCreateFederationRelationshipRequest,
  BatchDeleteFederationRelationshipRequest,
  BatchDeleteFederationRelationshipResponse,
  BatchFederationRelationshipResponse,
  BatchUpdateFederationRelationshipRequest,
  FederationRelationshipResult,
  GetFederationRelationshipRequest,
  ListFederationRelationshipsRequest,
  ListFederationRelationshipsResponse,
  RefreshBundleRequest,
} from "./messages/trustdomain.ts";
export type {
  AgentMask,
  AgentMessage,
  AttestationDataMessage,
  BundleMask,
  BundleMessage,
  EntryMask,
  EntryMessage,
  FederatesWithMatchMessage,
  FederationRelationshipMask,
  FederationRelationshipMessage,
  JoinTokenMessage,
  JwtKeyMessage,
  JwtSvidMessage,
  LoggerMessage,
  LogLevelName,
  MatchBehaviorName,
  PermissionDeniedDetailsMessage,
  PermissionDeniedReason,
  SelectorMatchMessage,
  SelectorMessage,
  SpiffeIdMessage,
  StatusMessage,
  X509CertificateMessage,
  X509SvidMessage,
} from "./messages/types.ts";
export type {
  JWTBundlesRequest,
  JWTBundlesResponse,
  JWTSVIDRequest,
  JWTSVIDResponse,
  ValidateJWTSVIDRequest,
  ValidateJWTSVIDResponse,
  WITBundlesRequest,
  WITBundlesResponse,
  WITSVIDRequest,
  WITSVIDResponse,
  WorkloadJwtSvid,
  WorkloadWitSvid,
  WorkloadX509Svid,
  X509BundlesRequest,
  X509BundlesResponse,
  X509SVIDRequest,
  X509SVIDResponse,
} from "./messages/workloadapi.ts";
export { peerChain } from "./peer-chain.ts";
export type { RpcServerLimits } from "./server/limits.ts";
export { RpcServer, type RpcServerOptions } from "./server/rpc-server.ts";
export { served, type ServedService } from "./server/served-service.ts";
export type { Bidi, Method, MethodKind, ServerStream, ServiceDescription, Unary } from "./service.ts";
export {
  type HealthMethods,
  healthService,
  type ReflectionMethods,
  reflectionV1AlphaService,
  reflectionV1Service,
} from "./services/grpc.ts";
export {
  type MayflyAdminMethods,
  mayflyAdminService,
  type MayflyAgentMethods,
  mayflyAgentService,
  type MayflyTaskBindingMethods,
  mayflyTaskBindingService,
  type MayflyWorkloadMethods,
  mayflyWorkloadService,
} from "./services/mayfly.ts";
export {
  type MayflyApprovalsMethods,
  mayflyApprovalsService,
  type MayflyCallsMethods,
  mayflyCallsService,
  type MayflyGuardsMethods,
  mayflyGuardsService,
  type MayflyAccountsMethods,
  type MayflyLeasesMethods,
  mayflyAccountsService,
  mayflyLeasesService,
  type MayflyProfilesMethods,
  mayflyProfilesService,
  type MayflyRecordsMethods,
  mayflyRecordsService,
  type MayflyTasksMethods,
  mayflyTasksService,
  type MayflyTicketsMethods,
  mayflyTicketsService,
} from "./services/mayfly-task.ts";
export {
  type AgentMethods,
  agentService,
  type BundleMethods,
  bundleService,
  type DebugMethods,
  debugService,
  type EntryMethods,
  entryService,
  type LocalAuthorityMethods,
  localAuthorityService,
  type LoggerMethods,
  loggerService,
  type SvidMethods,
  svidService,
  type TrustDomainMethods,
  trustDomainService,
} from "./services/spire-server.ts";
export { WORKLOAD_HEADER, type WorkloadApiMethods, workloadApiService } from "./services/workload-api.ts";
export { MessageQueue } from "./guards/message-queue.ts";
export { SnapshotParts } from "./guards/snapshot-parts.ts";
export { permissionDeniedDetail, permissionDeniedReason } from "./status/permission-denied.ts";
export { type Reason, reasonDetail, reasonOf } from "./status/reason.ts";
export { type StatusDetail, StatusError } from "./status/status-error.ts";
