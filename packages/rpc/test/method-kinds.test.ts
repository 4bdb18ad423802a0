// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import * as rpc from "../src/index.ts";

// Types and .proto files are two writings of one contract: each table is checked by the compiler and by the test.
type Kinds<Methods> = {
  readonly [Name in keyof Methods]: Methods[Name] extends rpc.Method<unknown, unknown, infer Kind> ? Kind : never;
};

const workload: Kinds<rpc.WorkloadApiMethods> = {
  FetchX509SVID: "server-stream",
  FetchX509Bundles: "server-stream",
  FetchJWTSVID: "unary",
  FetchJWTBundles: "server-stream",
  ValidateJWTSVID: "unary",
  FetchWITSVID: "server-stream",
  FetchWITBundles: "server-stream",
};
const health: Kinds<rpc.HealthMethods> = { Check: "unary", List: "unary", Watch: "server-stream" };
const reflection: Kinds<rpc.ReflectionMethods> = { ServerReflectionInfo: "bidi" };
const agent: Kinds<rpc.AgentMethods> = {
  CountAgents: "unary",
  ListAgents: "unary",
  GetAgent: "unary",
  DeleteAgent: "unary",
  BanAgent: "unary",
  AttestAgent: "bidi",
  RenewAgent: "unary",
  CreateJoinToken: "unary",
  PostStatus: "unary",
};
const bundle: Kinds<rpc.BundleMethods> = {
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
};
const entry: Kinds<rpc.EntryMethods> = {
  CountEntries: "unary",
  ListEntries: "unary",
  GetEntry: "unary",
  BatchCreateEntry: "unary",
  BatchUpdateEntry: "unary",
  BatchDeleteEntry: "unary",
  GetAuthorizedEntries: "unary",
  SyncAuthorizedEntries: "bidi",
};
const svid: Kinds<rpc.SvidMethods> = {
  MintX509SVID: "unary",
  MintJWTSVID: "unary",
  BatchNewX509SVID: "unary",
  NewJWTSVID: "unary",
  NewDownstreamX509CA: "unary",
};
const trustDomain: Kinds<rpc.TrustDomainMethods> = {
  ListFederationRelationships: "unary",
  GetFederationRelationship: "unary",
  BatchCreateFederationRelationship: "unary",
  BatchUpdateFederationRelationship: "unary",
  BatchDeleteFederationRelationship: "unary",
  RefreshBundle: "unary",
};
const localAuthority: Kinds<rpc.LocalAuthorityMethods> = {
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
};
const debug: Kinds<rpc.DebugMethods> = { GetInfo: "unary" };
const logger: Kinds<rpc.LoggerMethods> = { GetLogger: "unary", SetLogLevel: "unary", ResetLogLevel: "unary" };
const mayflyAgent: Kinds<rpc.MayflyAgentMethods> = { Sync: "bidi", IssueX509: "unary" };
const mayflyAdmin: Kinds<rpc.MayflyAdminMethods> = {
  AwaitDelivery: "unary",
  Explain: "unary",
  GetStatus: "unary",
  CreateEnrolment: "unary",
};
const mayflyWorkload: Kinds<rpc.MayflyWorkloadMethods> = { ExplainProcess: "unary", GetAgentStatus: "unary" };

it.each([
  [rpc.workloadApiService, workload],
  [rpc.healthService, health],
  [rpc.reflectionV1Service, reflection],
  [rpc.reflectionV1AlphaService, reflection],
  [rpc.agentService, agent],
  [rpc.bundleService, bundle],
  [rpc.entryService, entry],
  [rpc.svidService, svid],
  [rpc.trustDomainService, trustDomain],
  [rpc.localAuthorityService, localAuthority],
  [rpc.debugService, debug],
  [rpc.loggerService, logger],
  [rpc.mayflyAgentService, mayflyAgent],
  [rpc.mayflyAdminService, mayflyAdmin],
  [rpc.mayflyWorkloadService, mayflyWorkload],
] as [rpc.ServiceDescription<object>, object][])("$name has the methods of its type", (service, kinds) => {
  const methods = Object.values(service.methods) as rpc.Method<unknown, unknown>[];
  expect(Object.fromEntries(methods.map(({ name, kind }) => [name, kind]))).toEqual(kinds);
  expect(methods.map(({ name, path }) => path === `/${service.name}/${name}`)).not.toContain(false);
});
