// SPDX-License-Identifier: Apache-2.0
import type { Empty } from "../message.ts";
import type * as agent from "../messages/agent.ts";
import type * as bundle from "../messages/bundle.ts";
import type { GetInfoResponse } from "../messages/debug.ts";
import type * as entry from "../messages/entry.ts";
import type * as authority from "../messages/localauthority.ts";
import type { SetLogLevelRequest } from "../messages/logger.ts";
import type * as svid from "../messages/svid.ts";
import type * as trustdomain from "../messages/trustdomain.ts";
import type * as types from "../messages/types.ts";
import { type Bidi, describeService, type ServiceDescription, type Unary } from "../service.ts";

/** Methods of spire.api.server.agent.v1.Agent. */
export interface AgentMethods {
  readonly CountAgents: Unary<agent.CountAgentsRequest, agent.CountAgentsResponse>;
  readonly ListAgents: Unary<agent.ListAgentsRequest, agent.ListAgentsResponse>;
  readonly GetAgent: Unary<agent.GetAgentRequest, types.AgentMessage>;
  readonly DeleteAgent: Unary<agent.DeleteAgentRequest, Empty>;
  readonly BanAgent: Unary<agent.BanAgentRequest, Empty>;
  readonly AttestAgent: Bidi<agent.AttestAgentRequest, agent.AttestAgentResponse>;
  readonly RenewAgent: Unary<agent.RenewAgentRequest, agent.RenewAgentResponse>;
  readonly CreateJoinToken: Unary<agent.CreateJoinTokenRequest, types.JoinTokenMessage>;
  readonly PostStatus: Unary<agent.PostStatusRequest, agent.PostStatusResponse>;
}

/** Node attestation and administration of agents. */
export const agentService: ServiceDescription<AgentMethods> = describeService(
  "spire/api/server/agent.proto",
  "spire.api.server.agent.v1.Agent",
  {
    CountAgents: "unary",
    ListAgents: "unary",
    GetAgent: "unary",
    DeleteAgent: "unary",
    BanAgent: "unary",
    AttestAgent: "bidi",
    RenewAgent: "unary",
    CreateJoinToken: "unary",
    PostStatus: "unary",
  },
);

/** Methods of spire.api.server.bundle.v1.Bundle. */
export interface BundleMethods {
  readonly CountBundles: Unary<bundle.CountBundlesRequest, bundle.CountBundlesResponse>;
  readonly GetBundle: Unary<bundle.GetBundleRequest, types.BundleMessage>;
  readonly AppendBundle: Unary<bundle.AppendBundleRequest, types.BundleMessage>;
  readonly PublishJWTAuthority: Unary<bundle.PublishJWTAuthorityRequest, bundle.PublishJWTAuthorityResponse>;
  readonly ListFederatedBundles: Unary<bundle.ListFederatedBundlesRequest, bundle.ListFederatedBundlesResponse>;
  readonly GetFederatedBundle: Unary<bundle.GetFederatedBundleRequest, types.BundleMessage>;
  readonly BatchCreateFederatedBundle: Unary<bundle.BatchCreateFederatedBundleRequest, bundle.BatchBundleResponse>;
  readonly BatchUpdateFederatedBundle: Unary<bundle.BatchUpdateFederatedBundleRequest, bundle.BatchBundleResponse>;
  readonly BatchSetFederatedBundle: Unary<bundle.BatchSetFederatedBundleRequest, bundle.BatchBundleResponse>;
  readonly BatchDeleteFederatedBundle: Unary<
    bundle.BatchDeleteFederatedBundleRequest,
    bundle.BatchDeleteFederatedBundleResponse
  >;
}

/** The server's own bundle and foreign ones. */
export const bundleService: ServiceDescription<BundleMethods> = describeService(
  "spire/api/server/bundle.proto",
  "spire.api.server.bundle.v1.Bundle",
  {
    CountBundles: "unary",
    GetBundle: "unary",
    AppendBundle: "unary",
    PublishJWTAuthority: "unary",
    ListFederatedBundles: "unary",
    GetFederatedBundle: "unary",
    BatchCreateFederatedBundle: "unary",
    BatchUpdateFederatedBundle: "unary",
    BatchSetFederatedBundle: "unary",
    BatchDeleteFederatedBundle: "unary",
  },
);

/** Methods of spire.api.server.entry.v1.Entry. */
export interface EntryMethods {
  readonly CountEntries: Unary<entry.CountEntriesRequest, entry.CountEntriesResponse>;
  readonly ListEntries: Unary<entry.ListEntriesRequest, entry.ListEntriesResponse>;
  readonly GetEntry: Unary<entry.GetEntryRequest, types.EntryMessage>;
  readonly BatchCreateEntry: Unary<entry.BatchCreateEntryRequest, entry.BatchEntryResponse>;
  readonly BatchUpdateEntry: Unary<entry.BatchUpdateEntryRequest, entry.BatchEntryResponse>;
  readonly BatchDeleteEntry: Unary<entry.BatchDeleteEntryRequest, entry.BatchDeleteEntryResponse>;
  readonly GetAuthorizedEntries: Unary<entry.GetAuthorizedEntriesRequest, entry.GetAuthorizedEntriesResponse>;
  readonly SyncAuthorizedEntries: Bidi<entry.SyncAuthorizedEntriesRequest, entry.SyncAuthorizedEntriesResponse>;
}

/** Registration entries. */
export const entryService: ServiceDescription<EntryMethods> = describeService(
  "spire/api/server/entry.proto",
  "spire.api.server.entry.v1.Entry",
  {
    CountEntries: "unary",
    ListEntries: "unary",
    GetEntry: "unary",
    BatchCreateEntry: "unary",
    BatchUpdateEntry: "unary",
    BatchDeleteEntry: "unary",
    GetAuthorizedEntries: "unary",
    SyncAuthorizedEntries: "bidi",
  },
);

/** Methods of spire.api.server.svid.v1.SVID. */
export interface SvidMethods {
  readonly MintX509SVID: Unary<svid.MintX509SVIDRequest, svid.MintX509SVIDResponse>;
  readonly MintJWTSVID: Unary<svid.MintJWTSVIDRequest, svid.MintJWTSVIDResponse>;
  readonly BatchNewX509SVID: Unary<svid.BatchNewX509SVIDRequest, svid.BatchNewX509SVIDResponse>;
  readonly NewJWTSVID: Unary<svid.NewJWTSVIDRequest, svid.NewJWTSVIDResponse>;
  readonly NewDownstreamX509CA: Unary<svid.NewDownstreamX509CARequest, svid.NewDownstreamX509CAResponse>;
}

/** Signing. */
export const svidService: ServiceDescription<SvidMethods> = describeService(
  "spire/api/server/svid.proto",
  "spire.api.server.svid.v1.SVID",
  {
    MintX509SVID: "unary",
    MintJWTSVID: "unary",
    BatchNewX509SVID: "unary",
    NewJWTSVID: "unary",
    NewDownstreamX509CA: "unary",
  },
);

/** Methods of spire.api.server.trustdomain.v1.TrustDomain. */
export interface TrustDomainMethods {
  readonly ListFederationRelationships: Unary<
    trustdomain.ListFederationRelationshipsRequest,
    trustdomain.ListFederationRelationshipsResponse
  >;
  readonly GetFederationRelationship: Unary<
    trustdomain.GetFederationRelationshipRequest,
    types.FederationRelationshipMessage
  >;
  readonly BatchCreateFederationRelationship: Unary<
    trustdomain.BatchCreateFederationRelationshipRequest,
    trustdomain.BatchFederationRelationshipResponse
  >;
  readonly BatchUpdateFederationRelationship: Unary<
    trustdomain.BatchUpdateFederationRelationshipRequest,
    trustdomain.BatchFederationRelationshipResponse
  >;
  readonly BatchDeleteFederationRelationship: Unary<
    trustdomain.BatchDeleteFederationRelationshipRequest,
    trustdomain.BatchDeleteFederationRelationshipResponse
  >;
  readonly RefreshBundle: Unary<trustdomain.RefreshBundleRequest, Empty>;
}

/** Federation relationships. */
export const trustDomainService: ServiceDescription<TrustDomainMethods> = describeService(
  "spire/api/server/trustdomain.proto",
  "spire.api.server.trustdomain.v1.TrustDomain",
  {
    ListFederationRelationships: "unary",
    GetFederationRelationship: "unary",
    BatchCreateFederationRelationship: "unary",
    BatchUpdateFederationRelationship: "unary",
    BatchDeleteFederationRelationship: "unary",
    RefreshBundle: "unary",
  },
);

/** Methods of spire.api.server.localauthority.v1.LocalAuthority. */
export interface LocalAuthorityMethods {
  readonly GetJWTAuthorityState: Unary<Empty, authority.AuthorityStateResponse>;
  readonly PrepareJWTAuthority: Unary<Empty, authority.PrepareAuthorityResponse>;
  readonly ActivateJWTAuthority: Unary<authority.AuthorityRequest, authority.ActivateAuthorityResponse>;
  readonly TaintJWTAuthority: Unary<authority.AuthorityRequest, authority.TaintAuthorityResponse>;
  readonly RevokeJWTAuthority: Unary<authority.AuthorityRequest, authority.RevokeAuthorityResponse>;
  readonly GetX509AuthorityState: Unary<Empty, authority.AuthorityStateResponse>;
  readonly PrepareX509Authority: Unary<Empty, authority.PrepareAuthorityResponse>;
  readonly ActivateX509Authority: Unary<authority.AuthorityRequest, authority.ActivateAuthorityResponse>;
  readonly TaintX509Authority: Unary<authority.AuthorityRequest, authority.TaintAuthorityResponse>;
  readonly RevokeX509Authority: Unary<authority.AuthorityRequest, authority.RevokeAuthorityResponse>;
  readonly TaintX509UpstreamAuthority: Unary<authority.UpstreamAuthorityRequest, authority.UpstreamAuthorityResponse>;
  readonly RevokeX509UpstreamAuthority: Unary<authority.UpstreamAuthorityRequest, authority.UpstreamAuthorityResponse>;
}

/** Rotation and revocation of authorities. */
export const localAuthorityService: ServiceDescription<LocalAuthorityMethods> = describeService(
  "spire/api/server/localauthority.proto",
  "spire.api.server.localauthority.v1.LocalAuthority",
  {
    GetJWTAuthorityState: "unary",
    PrepareJWTAuthority: "unary",
    ActivateJWTAuthority: "unary",
    TaintJWTAuthority: "unary",
    RevokeJWTAuthority: "unary",
    GetX509AuthorityState: "unary",
    PrepareX509Authority: "unary",
    ActivateX509Authority: "unary",
    TaintX509Authority: "unary",
    RevokeX509Authority: "unary",
    TaintX509UpstreamAuthority: "unary",
    RevokeX509UpstreamAuthority: "unary",
  },
);

/** Methods of spire.api.server.debug.v1.Debug. */
export interface DebugMethods {
  readonly GetInfo: Unary<Empty, GetInfoResponse>;
}

/** A summary of the server's state. */
export const debugService: ServiceDescription<DebugMethods> = describeService(
  "spire/api/server/debug.proto",
  "spire.api.server.debug.v1.Debug",
  { GetInfo: "unary" },
);

/** Methods of spire.api.server.logger.v1.Logger. */
export interface LoggerMethods {
  readonly GetLogger: Unary<Empty, types.LoggerMessage>;
  readonly SetLogLevel: Unary<SetLogLevelRequest, types.LoggerMessage>;
  readonly ResetLogLevel: Unary<Empty, types.LoggerMessage>;
}

/** The log level of a running server. */
export const loggerService: ServiceDescription<LoggerMethods> = describeService(
  "spire/api/server/logger.proto",
  "spire.api.server.logger.v1.Logger",
  { GetLogger: "unary", SetLogLevel: "unary", ResetLogLevel: "unary" },
);
