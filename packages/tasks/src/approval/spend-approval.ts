// SPDX-License-Identifier: Apache-2.0
import { ApprovalError, type ApprovalErrorCode } from "../errors.ts";
import { isPerson } from "../operator/person.ts";
import type { Approval, ApprovalState } from "./approval.ts";
import { assertTaskActive } from "./decide-approval.ts";
import { type ApprovalFacts, judgeVote } from "./judge-vote.ts";
import { nextApproval } from "./next-approval.ts";

/** The call that wants to use an approval. */
export interface ApprovedCall {
  readonly callId: string;
  readonly taskId: string;
  readonly server: string;
  readonly tool: string;
  readonly argumentsDigest: string;
  readonly policyDigest: string;
  readonly at: Date;
}

/** A use that is allowed, if nothing changes before it is written. */
export interface ApprovalUse {
  /** The consumed approval; its `revision` is the one that was judged. */
  readonly approval: Approval;
  /** The operators whose votes carry it, at the revisions that were judged. */
  readonly operators: readonly { readonly name: string; readonly revision: number }[];
}

const refusals: Readonly<Record<Exclude<ApprovalState, "approved">, ApprovalErrorCode>> = {
  pending: "APPROVAL_MISSING",
  denied: "APPROVAL_DENIED",
  consumed: "APPROVAL_CONSUMED",
  expired: "APPROVAL_EXPIRED",
  void: "APPROVAL_VOID",
};

/**
 * Judges the one use of an approval: it is for this exact call under this policy, in time, its task is active, and each vote still holds
 * by what is known now of operators, roles and keys. Hand the result to `BudgetStore.take`, which writes it only if approval, task and
 * operators are still the ones judged here.
 * @throws {ApprovalError} of a use; and of a vote that does not hold any more
 */
export function spendApproval(approval: Approval, call: ApprovedCall, facts: ApprovalFacts): ApprovalUse {
  const { request, votes, state } = approval;
  if (state !== "approved") throw new ApprovalError(refusals[state], `approval ${request.id} is ${state}`);
  if (!(call.at < request.notAfter))
    throw new ApprovalError("APPROVAL_EXPIRED", `approval ${request.id} is past its end`);
  const same = ["taskId", "server", "tool", "argumentsDigest"] as const;
  if (same.some((name) => call[name] !== request[name])) {
    throw new ApprovalError("CALL_CHANGED", `approval ${request.id} is for another call`);
  }
  if (call.policyDigest !== request.policyDigest) {
    throw new ApprovalError("POLICY_CHANGED", `the policy is not the one that approval ${request.id} was asked under`);
  }
  assertTaskActive(approval, facts, call.at);
  const people = votes.map((vote) => judgeVote(request, vote, facts));
  const different = people.filter(
    ({ name }, index) => !people.slice(0, index).some((other) => isPerson(name, other.name, facts.operators)),
  );
  if (different.length < request.approvers) {
    throw new ApprovalError(
      "APPROVAL_MISSING",
      `approval ${request.id} takes ${String(request.approvers)} different people`,
    );
  }
  return {
    approval: nextApproval(approval, { event: "consume", callId: call.callId, at: call.at }),
    operators: people.map(({ name, revision }) => ({ name, revision })),
  };
}
