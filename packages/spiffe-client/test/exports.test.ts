// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import * as client from "../src/index.ts";

it("exports what services may use, and nothing else", () => {
  expect(Object.keys(client).sort()).toEqual([
    "BundleSource",
    "CallStatementError",
    "JwtSource",
    "JwtSvidError",
    "PeerError",
    "SourceError",
    "SpiffeError",
    "SpiffeId",
    "SpiffeIdError",
    "TrustDomain",
    "WorkloadApiClient",
    "WorkloadApiError",
    "X509Source",
    "X509SvidError",
    "anyPeer",
    "authorizePeer",
    "callPeer",
    "channelCredentials",
    "connectHttp2",
    "connectTls",
    "createHttp2Server",
    "createHttpsServer",
    "createTlsServer",
    "exact",
    "httpsAgent",
    "matchPath",
    "memberOf",
    "oneOf",
    "openServerChannel",
    "requestPeer",
    "serverCredentials",
    "serverTls",
    "signCallStatement",
    "verifiedPeer",
    "verifyCallStatement",
  ]);
});
