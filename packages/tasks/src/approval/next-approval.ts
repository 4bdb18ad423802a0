// SPDX-License-Identifier: Apache-2.0
import { ApprovalError } from "../errors.ts";
import type { Approval, ApprovalState, Vote } from "./approval.ts";

/** What can happen to an approval. */
export type ApprovalEvent =
  | { readonly event: "vote"; readonly vote: Vote }
  | { readonly event: "consume"; readonly callId: string; readonly at: Date }
  | { readonly event: "expire"; readonly at: Date }
  /** Its task was suspended or ended, or what it was asked about is no more. */
  | { readonly event: "void" };

type Step = ApprovalEvent["event"];

/** Every transition that there is: after an approval only a denial is heard, and a denial is for ever. */
const transitions: Readonly<Record<ApprovalState, Partial<Readonly<Record<Step, readonly ApprovalState[]>>>>> = {
  pending: { vote: ["pending", "approved", "denied"], expire: ["expired"], void: ["void"] },
  approved: { vote: ["denied"], consume: ["consumed"], expire: ["expired"], void: ["void"] },
  denied: {},
  consumed: {},
  expired: {},
  void: {},
};

/** Whether a decision or a use may still come. */
export function isApprovalOpen({ state }: Approval): boolean {
  return state === "pending" || state === "approved";
}

/**
 * The approval after an event. Only the table is judged here: whose vote it is, and whether the call is the one that was approved, is for
 * `decideApproval` and `spendApproval`.
 * @throws {ApprovalError} ILLEGAL_TRANSITION; APPROVAL_EXPIRED to vote or consume at or after `notAfter`
 */
export function nextApproval(approval: Approval, event: ApprovalEvent): Approval {
  const allowed = transitions[approval.state][event.event];
  const next = allowed && apply(approval, event);
  if (allowed === undefined || next === undefined || !allowed.includes(next.state)) {
    throw new ApprovalError(
      "ILLEGAL_TRANSITION",
      `approval ${approval.request.id} is ${approval.state}: no ${event.event}`,
    );
  }
  return next;
}

function apply(approval: Approval, event: ApprovalEvent): Approval | undefined {
  const { notAfter } = approval.request;
  switch (event.event) {
    case "vote":
      assertInTime(approval, event.vote.at);
      return withVote(approval, event.vote);
    case "consume":
      assertInTime(approval, event.at);
      return { ...approval, state: "consumed", consumedBy: event.callId };
    case "expire":
      return event.at < notAfter ? undefined : { ...approval, state: "expired" };
    default:
      return { ...approval, state: event.event };
  }
}

function withVote(approval: Approval, vote: Vote): Approval {
  const votes = [...approval.votes, vote];
  if (vote.decision === "deny") return { ...approval, votes, state: "denied" };
  const isEnough = votes.length >= approval.request.approvers;
  return { ...approval, votes, state: isEnough ? "approved" : "pending" };
}

function assertInTime({ request }: Approval, at: Date): void {
  if (!(at < request.notAfter)) throw new ApprovalError("APPROVAL_EXPIRED", `approval ${request.id} is past its end`);
}
