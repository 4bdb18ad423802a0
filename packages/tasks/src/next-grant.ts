// SPDX-License-Identifier: Apache-2.0
import { TaskError } from "./errors.ts";
import type { Evidence, Grant } from "./grant.ts";

/** What can happen to a grant. */
export type GrantEvent =
  | { readonly event: "extend"; readonly notAfter: Date; readonly at: Date }
  | { readonly event: "end" }
  | { readonly event: "resist"; readonly problem: string }
  | { readonly event: "prove"; readonly evidence: Evidence };

/**
 * The grant after an event. It never goes back: only a live one that is renewable and not past its end is extended, never shortened;
 * `gone` needs evidence and stays.
 * @throws {TaskError} ILLEGAL_GRANT_STEP
 */
export function nextGrant(grant: Grant, event: GrantEvent): Grant {
  if (grant.state === "gone") throw illegal(grant, event);
  switch (event.event) {
    case "extend":
      if (grant.state !== "live" || !grant.renewable) throw illegal(grant, event);
      // An instant that is none compares false and is refused.
      if (!(event.at < grant.notAfter && event.notAfter >= grant.notAfter)) throw illegal(grant, event);
      return { ...grant, notAfter: event.notAfter };
    case "end":
      return { ...grant, state: "ending" };
    case "resist":
      if (grant.state !== "ending") throw illegal(grant, event);
      return { ...grant, problem: event.problem };
    default:
      if (event.evidence.by === "" || event.evidence.method === "") throw illegal(grant, event);
      return { ...grant, state: "gone", evidence: event.evidence, problem: undefined };
  }
}

function illegal(grant: Grant, { event }: GrantEvent): TaskError {
  return new TaskError("ILLEGAL_GRANT_STEP", `grant ${grant.id} is ${grant.state}: no ${event}`);
}
