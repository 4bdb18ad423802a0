// SPDX-License-Identifier: Apache-2.0
import { ApprovalError } from "../errors.ts";
import { isPerson } from "../operator/person.ts";
import type { Approval, Vote } from "./approval.ts";
import { argumentsDigest } from "./create-approval.ts";
import { type ApprovalFacts, judgeVote } from "./judge-vote.ts";
import { nextApproval } from "./next-approval.ts";

/**
 * The approval after one more vote. It takes `request.approvers` votes of different people to approve and one to deny; a denial wins until
 * the approval is used. Swap the result in with `ApprovalStore.replace`: a vote that lost a race is judged again.
 * @throws {ApprovalError} of a vote and of a signature; ALREADY_VOTED; ILLEGAL_TRANSITION; APPROVAL_EXPIRED; TASK_NOT_ACTIVE; REQUEST_INVALID
 */
export function decideApproval(approval: Approval, vote: Vote, facts: ApprovalFacts): Approval {
  const { request } = approval;
  assertTaskActive(approval, facts, vote.at);
  if (argumentsDigest(approval.argumentsJson) !== request.argumentsDigest) {
    throw new ApprovalError("REQUEST_INVALID", "the arguments that are shown are not those that are signed");
  }
  const operator = judgeVote(request, vote, facts);
  if (
    vote.decision === "approve" &&
    approval.votes.some((cast) => isPerson(cast.operator, operator.name, facts.operators))
  ) {
    throw new ApprovalError("ALREADY_VOTED", `operator ${operator.name} has voted: somebody else has to approve too`);
  }
  return nextApproval(approval, { event: "vote", vote });
}

/** @throws {ApprovalError} TASK_NOT_ACTIVE also for the facts of another task, or without its root */
export function assertTaskActive(
  { request }: Approval,
  { lineage: [task, ...ancestors] }: ApprovalFacts,
  at: Date,
): void {
  const root = ancestors.at(-1) ?? task;
  if (task?.id !== request.taskId || root?.id !== task.rootId || task.state !== "active" || !(at < task.notAfter)) {
    throw new ApprovalError("TASK_NOT_ACTIVE", `task ${request.taskId} is not active`);
  }
}
