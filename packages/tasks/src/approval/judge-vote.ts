// SPDX-License-Identifier: Apache-2.0
import { SpiffeId } from "@mayfly/spiffe";
import { ApprovalError } from "../errors.ts";
import { hasRole, type Operator } from "../operator/operator.ts";
import { findPerson, isPerson } from "../operator/person.ts";
import { parseTaskSpiffeId } from "../task/task-identity.ts";
import type { Task } from "../task/task.ts";
import type { ApprovalRequest, Vote } from "./approval.ts";
import { approvalPayload } from "./approval-payload.ts";
import { verifyApprovalSignature } from "./signature.ts";

/** What votes are judged by: as it is now, not as it was when the vote came. */
export interface ApprovalFacts {
  /** All operators that were ever registered. */
  readonly operators: readonly Operator[];
  /** The task of the request and its ancestors, root last: whoever asked for one of them asked for what they do. */
  readonly lineage: readonly Task[];
}

/**
 * Judges one vote on its own: the operator and their role, the signature and, for an approval, separation of duties: the approver is
 * neither requester nor owner, of the request, of the task or of what it came from. Gives the operator.
 * @throws {ApprovalError} OPERATOR_UNKNOWN, OPERATOR_NOT_ACTIVE, NOT_AN_APPROVER, PERSON_UNKNOWN, APPROVER_IS_REQUESTER, APPROVER_IS_OWNER,
 * and those of a signature
 */
export function judgeVote(request: ApprovalRequest, vote: Vote, { operators, lineage }: ApprovalFacts): Operator {
  // By name only: an alias does not sign.
  const operator = operators.find(({ name }) => name === vote.operator);
  if (operator === undefined) throw new ApprovalError("OPERATOR_UNKNOWN", "no such operator");
  if (operator.state !== "active")
    throw new ApprovalError("OPERATOR_NOT_ACTIVE", `operator ${operator.name} is ${operator.state}`);
  verifyApprovalSignature(approvalPayload(request, vote.decision), vote.signature, operator.keys);
  if (!hasRole(operator, "approver", request.agent)) {
    throw new ApprovalError("NOT_AN_APPROVER", `operator ${operator.name} is no approver for agent ${request.agent}`);
  }
  if (vote.decision === "approve") assertOtherPerson(operator, request, { operators, lineage });
  return operator;
}

function assertOtherPerson({ name }: Operator, request: ApprovalRequest, { operators, lineage }: ApprovalFacts): void {
  for (const requester of [request.requester, ...lineage.map(({ requestedBy }) => requestedBy)]) {
    if (isPerson(name, requester, operators)) {
      throw new ApprovalError("APPROVER_IS_REQUESTER", `operator ${name} asked for it: somebody else has to approve`);
    }
    // A workload is nobody; of anybody else it must be known who they are.
    if (!isTask(requester) && findPerson(requester, operators) === undefined) throw unknownPerson("who asked for it");
  }
  for (const owner of [request.owner, ...lineage.map(({ owner }) => owner)]) {
    if (isPerson(name, owner, operators)) {
      throw new ApprovalError(
        "APPROVER_IS_OWNER",
        `operator ${name} answers for the task: somebody else has to approve`,
      );
    }
    if (findPerson(owner, operators) === undefined) throw unknownPerson("the owner");
  }
}

function isTask(text: string): boolean {
  try {
    return parseTaskSpiffeId(SpiffeId.parse(text)) !== undefined;
  } catch {
    return false;
  }
}

function unknownPerson(who: string): ApprovalError {
  return new ApprovalError(
    "PERSON_UNKNOWN",
    `${who} is no registered operator: it can't be decided who else may approve`,
  );
}
