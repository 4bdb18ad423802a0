// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import type { Approval, ApprovalRequest } from "./approval.ts";
import { approvalPayload } from "./approval-payload.ts";

/** The digest by which an approval is bound to arguments: `sha-256:` and hex of the UTF-8 bytes of their canonical JSON (RFC 8785). */
export function argumentsDigest(argumentsJson: string): string {
  return `sha-256:${createHash("sha256").update(argumentsJson, "utf8").digest("hex")}`;
}

/**
 * A pending approval for a call with these arguments, in canonical JSON: they are what the approver is shown.
 * @throws {ApprovalError} REQUEST_INVALID
 */
export function createApproval(request: Omit<ApprovalRequest, "argumentsDigest">, argumentsJson: string): Approval {
  const whole: ApprovalRequest = { ...request, argumentsDigest: argumentsDigest(argumentsJson) };
  approvalPayload(whole, "approve");
  return { request: whole, argumentsJson, state: "pending", votes: [], revision: 0 };
}
