// SPDX-License-Identifier: Apache-2.0
import type * as workload from "../messages/workloadapi.ts";
import { describeService, type ServerStream, type ServiceDescription, type Unary } from "../service.ts";

/** Metadata key that every request to a SPIFFE Workload API endpoint carries, with the value `true`. */
export const WORKLOAD_HEADER = "workload.spiffe.io";

/** Methods of SpiffeWorkloadAPI. */
export interface WorkloadApiMethods {
  readonly FetchX509SVID: ServerStream<workload.X509SVIDRequest, workload.X509SVIDResponse>;
  readonly FetchX509Bundles: ServerStream<workload.X509BundlesRequest, workload.X509BundlesResponse>;
  readonly FetchJWTSVID: Unary<workload.JWTSVIDRequest, workload.JWTSVIDResponse>;
  readonly FetchJWTBundles: ServerStream<workload.JWTBundlesRequest, workload.JWTBundlesResponse>;
  readonly ValidateJWTSVID: Unary<workload.ValidateJWTSVIDRequest, workload.ValidateJWTSVIDResponse>;
  readonly FetchWITSVID: ServerStream<workload.WITSVIDRequest, workload.WITSVIDResponse>;
  readonly FetchWITBundles: ServerStream<workload.WITBundlesRequest, workload.WITBundlesResponse>;
}

/** The SPIFFE Workload API. */
export const workloadApiService: ServiceDescription<WorkloadApiMethods> = describeService(
  "spiffe/workloadapi.proto",
  "SpiffeWorkloadAPI",
  {
    FetchX509SVID: "server-stream",
    FetchX509Bundles: "server-stream",
    FetchJWTSVID: "unary",
    FetchJWTBundles: "server-stream",
    ValidateJWTSVID: "unary",
    FetchWITSVID: "server-stream",
    FetchWITBundles: "server-stream",
  },
);
