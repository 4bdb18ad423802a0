// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import * as rpc from "../src/index.ts";

it("exports what the other packages may use, and nothing else", () => {
  expect(Object.keys(rpc).sort()).toEqual([
    "Encoded",
    "RpcChannel",
    "RpcServer",
    "StatusError",
    "TlsCredentials",
    "WORKLOAD_HEADER",
    "agentService",
    "bundleService",
    "debugService",
    "encodeResponse",
    "entryService",
    "fromStruct",
    "healthService",
    "localAuthorityService",
    "loggerService",
    "mayflyAdminService",
    "mayflyAgentService",
    "mayflyWorkloadService",
    "peerChain",
    "permissionDeniedDetail",
    "permissionDeniedReason",
    "reasonDetail",
    "reasonOf",
    "reflectionV1AlphaService",
    "reflectionV1Service",
    "served",
    "svidService",
    "toStruct",
    "trustDomainService",
    "workloadApiService",
  ]);
});
