// SPDX-License-Identifier: Apache-2.0
// The one place where the replay reaches gRPC itself: it must not speak through the packages that it judges.
export * as grpc from "@grpc/grpc-js";
export { loadSync } from "@grpc/proto-loader";
