// SPDX-License-Identifier: Apache-2.0
import type { BundleStore } from "@mayfly/registration";
import type { HealthMethods } from "@mayfly/rpc";
import type { GuardedHandlers } from "../call.ts";
import { notImplemented } from "../not-implemented.ts";
import { invalidArgument } from "../wire/refusal.ts";

async function isServing(bundles: BundleStore, trustDomain: string): Promise<boolean> {
  try {
    return (await bundles.get(trustDomain)) !== undefined;
  } catch {
    // Not being able to read is the answer.
    return false;
  }
}

/** Serving means: the own bundle can be read. */
export function healthHandlers(bundles: BundleStore, trustDomain: string): GuardedHandlers<HealthMethods> {
  return {
    Check: async ({ service }) => {
      if (service !== "") throw invalidArgument("per-service health is not supported");
      return { status: (await isServing(bundles, trustDomain)) ? "SERVING" : "NOT_SERVING" };
    },
    List: () => Promise.reject(notImplemented("List")),
    // oxlint-disable-next-line require-yield
    async *Watch() {
      throw notImplemented("Watch");
    },
  };
}
