// SPDX-License-Identifier: Apache-2.0
import type { BundleStore } from "@mayfly/registration";
import type { HealthMethods } from "@mayfly/rpc";
import type { GuardedHandlers } from "../call.ts";
import { notImplemented } from "../not-implemented.ts";
import { invalidArgument } from "../wire/refusal.ts";

/** What health depends on. */
export interface HealthDeps {
  readonly bundles: BundleStore;
  readonly trustDomain: string;
  /** What keeps the signing service from signing; undefined = nothing. */
  readonly signingProblem: () => string | undefined;
}

async function isServing({ bundles, trustDomain, signingProblem }: HealthDeps): Promise<boolean> {
  if (signingProblem() !== undefined) return false;
  try {
    return (await bundles.get(trustDomain)) !== undefined;
  } catch {
    // Not being able to read is the answer.
    return false;
  }
}

/** Serving means: the own bundle can be read, and the signing service would sign. */
export function healthHandlers(deps: HealthDeps): GuardedHandlers<HealthMethods> {
  return {
    Check: async ({ service }) => {
      if (service !== "") throw invalidArgument("per-service health is not supported");
      return { status: (await isServing(deps)) ? "SERVING" : "NOT_SERVING" };
    },
    List: () => Promise.reject(notImplemented("List")),
    // oxlint-disable-next-line require-yield
    async *Watch() {
      throw notImplemented("Watch");
    },
  };
}
