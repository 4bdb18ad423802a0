// SPDX-License-Identifier: Apache-2.0
import type { Empty } from "../message.ts";
import type { HealthCheckRequest, HealthCheckResponse, HealthListResponse } from "../messages/health.ts";
import type { ServerReflectionRequest, ServerReflectionResponse } from "../messages/reflection.ts";
import { type Bidi, describeService, type ServerStream, type ServiceDescription, type Unary } from "../service.ts";

/** Methods of grpc.health.v1.Health. */
export interface HealthMethods {
  readonly Check: Unary<HealthCheckRequest, HealthCheckResponse>;
  readonly List: Unary<Empty, HealthListResponse>;
  readonly Watch: ServerStream<HealthCheckRequest, HealthCheckResponse>;
}

/** gRPC health checking. */
export const healthService: ServiceDescription<HealthMethods> = describeService(
  "grpc/health.proto",
  "grpc.health.v1.Health",
  { Check: "unary", List: "unary", Watch: "server-stream" },
);

/** The method of both versions of grpc.reflection.ServerReflection. */
export interface ReflectionMethods {
  readonly ServerReflectionInfo: Bidi<ServerReflectionRequest, ServerReflectionResponse>;
}

/** gRPC server reflection, v1. */
export const reflectionV1Service: ServiceDescription<ReflectionMethods> = describeService(
  "grpc/reflection-v1.proto",
  "grpc.reflection.v1.ServerReflection",
  { ServerReflectionInfo: "bidi" },
);

/** gRPC server reflection, v1alpha. */
export const reflectionV1AlphaService: ServiceDescription<ReflectionMethods> = describeService(
  "grpc/reflection-v1alpha.proto",
  "grpc.reflection.v1alpha.ServerReflection",
  { ServerReflectionInfo: "bidi" },
);
