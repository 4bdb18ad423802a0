// SPDX-License-Identifier: Apache-2.0
import { type ServiceDefinition, status } from "@grpc/grpc-js";
import { StatusError } from "@mayfly/rpc";
import { type Handlers, unary } from "./handler.ts";

function refuse(method: string): Promise<never> {
  return Promise.reject(new StatusError(status.UNIMPLEMENTED, `method ${method} not implemented`));
}

/** Handlers for methods that the protocol has and this server does not: allowed callers get UNIMPLEMENTED, others are denied first. */
export function notImplemented(...methods: string[]): Handlers {
  return Object.fromEntries(methods.map((method) => [method, unary(() => refuse(method))]));
}

/** The same for all methods of a service. */
export function notImplementedService(definition: ServiceDefinition): Handlers {
  return notImplemented(...Object.keys(definition));
}
