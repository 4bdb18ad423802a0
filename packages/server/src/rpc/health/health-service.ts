// SPDX-License-Identifier: Apache-2.0
import { status } from "@grpc/grpc-js";
import type { BundleStore } from "@mayfly/registration";
import { type HealthCheckRequest, StatusError } from "@mayfly/rpc";
import { type Handlers, streaming, unary } from "../handler.ts";
import { invalidArgument } from "../wire/refusal.ts";

function notImplemented(method: string): Promise<never> {
  return Promise.reject(new StatusError(status.UNIMPLEMENTED, `method ${method} not implemented`));
}

async function isServing(bundles: BundleStore, trustDomain: string): Promise<boolean> {
  try {
    return (await bundles.get(trustDomain)) !== undefined;
  } catch {
    // Not being able to read is the answer.
    return false;
  }
}

/** Serving means: the own bundle can be read. */
export function healthHandlers(bundles: BundleStore, trustDomain: string): Handlers {
  return {
    Check: unary(async ({ service }: HealthCheckRequest) => {
      if (service !== "") throw invalidArgument("per-service health is not supported");
      return { status: (await isServing(bundles, trustDomain)) ? "SERVING" : "NOT_SERVING" };
    }),
    List: unary(() => notImplemented("List")),
    Watch: streaming(() => notImplemented("Watch")),
  };
}
