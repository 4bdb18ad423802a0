// SPDX-License-Identifier: Apache-2.0
// The one place where tests outside the packages reach gRPC: the workspace root has no dependency on it.
export * as grpc from "../../../../packages/rpc/node_modules/@grpc/grpc-js/build/src/index.js";
export { loadSync } from "../../../../packages/rpc/node_modules/@grpc/proto-loader/build/src/index.js";
