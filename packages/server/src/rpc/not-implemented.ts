// SPDX-License-Identifier: Apache-2.0
import { status } from "@grpc/grpc-js";
import { type Method, type ServiceDescription, StatusError } from "@mayfly/rpc";
import type { GuardedHandlers } from "./call.ts";

/** For a method that the protocol has and this server does not: allowed callers see it, others are denied first. */
export function notImplemented(method: string): StatusError {
  return new StatusError(status.UNIMPLEMENTED, `method ${method} not implemented`);
}

/** The same for all methods of a service with unary methods only. */
export function notImplementedService<Methods extends object>(
  service: ServiceDescription<Methods>,
): GuardedHandlers<Methods> {
  const methods = Object.values(service.methods) as readonly Method<unknown, unknown>[];
  const handlers: unknown = Object.fromEntries(
    methods.map(({ name }) => [name, () => Promise.reject(notImplemented(name))]),
  );
  return handlers as GuardedHandlers<Methods>;
}
