// SPDX-License-Identifier: Apache-2.0
export {
  CallStatementError,
  type CallStatementErrorCode,
  PeerError,
  type PeerErrorCode,
  SourceError,
  type SourceErrorCode,
  WorkloadApiError,
  type WorkloadApiErrorCode,
} from "./errors.ts";
export type { BundleSnapshot } from "./sources/bundle-pair.ts";
export { BundleSource, type BundleSourceOptions } from "./sources/bundle-source.ts";
export type { BundleFileOptions } from "./sources/files/follow-bundle-files.ts";
export { JwtSource, type JwtSourceOptions, type SvidRequest, type ValidateOptions } from "./sources/jwt-source.ts";
export type { EndpointOptions } from "./sources/endpoint-options.ts";
export type { FileWatchOptions } from "./sources/files/follow-files.ts";
export type { X509FileOptions } from "./sources/files/open-x509-files.ts";
export type { SourceHealth, SourceState } from "./sources/source-health.ts";
export { type SelectSvid, X509Source, type X509SourceChoice, type X509SourceOptions } from "./sources/x509-source.ts";
export type { CallClaims, CallStatement } from "./call-statement/claims.ts";
export { signCallStatement, type SignCallOptions } from "./call-statement/sign-call-statement.ts";
export { verifyCallStatement, type VerifyCallOptions } from "./call-statement/verify-call-statement.ts";
export { authorizePeer, type PeerRules, verifiedPeer } from "./connections/authorize-peer.ts";
export type { ConnectionEnd, ConnectionEndReason } from "./connections/connection-end.ts";
export type { ConnectionOptions, PeerPolicy, ServerConnectionOptions } from "./connections/options.ts";
export { openServerChannel, serverTls } from "./mayfly-server.ts";
export { callPeer, type HandledCall } from "./transports/grpc/call-peer.ts";
export { channelCredentials, type ChannelCredentialsOptions } from "./transports/grpc/channel-credentials.ts";
export { serverCredentials, type ServerCredentialsOptions } from "./transports/grpc/server-credentials.ts";
export { type PeerRequest, requestPeer } from "./transports/request/request-peer.ts";
export { connectHttp2, type ConnectHttp2Options } from "./transports/http2/connect-http2.ts";
export { createHttp2Server, type Http2ServerOptions } from "./transports/http2/create-http2-server.ts";
export { createHttpsServer, type HttpsServerOptions } from "./transports/https/create-https-server.ts";
export { httpsAgent, type HttpsAgentOptions } from "./transports/https/https-agent.ts";
export { connectTls, type ConnectTlsOptions } from "./transports/tls/connect-tls.ts";
export { createTlsServer, type TlsServerOptions } from "./transports/tls/create-tls-server.ts";
export type { FetchedJwtSvid, ValidatedJwtSvid } from "./workload-api/jwt-answers.ts";
export type { WatchOptions } from "./workload-api/watch.ts";
export { type FetchOptions, type JwtSvidRequest, WorkloadApiClient } from "./workload-api/workload-api-client.ts";
export type { X509Context } from "./workload-api/x509-context.ts";
// Who a peer may be, for `authorize`.
export { anyPeer, exact, matchPath, memberOf, oneOf, type SpiffeIdMatcher } from "@mayfly/spiffe";
// What services hold in their hands: no second package to install, and no second copy of it.
export {
  JwtSvidError,
  type JwtSvidErrorCode,
  SpiffeError,
  SpiffeId,
  SpiffeIdError,
  TrustDomain,
  type VerifiedPeer,
  type X509Svid,
  X509SvidError,
  type X509SvidErrorCode,
} from "@mayfly/spiffe";
