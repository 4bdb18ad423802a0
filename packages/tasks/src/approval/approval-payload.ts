// SPDX-License-Identifier: Apache-2.0
import { canonicalText } from "../canonical-text.ts";
import { ApprovalError } from "../errors.ts";
import type { ApprovalRequest, VoteDecision } from "./approval.ts";

/** First line of what is signed: no signature over anything else can be taken for a vote. Also the reason for a new line at a new format. */
const domain = "mayfly-approval/v1";

const maxBytes = 16_384;

/**
 * The exact octets that an operator signs, UTF-8: the line `mayfly-approval/v1`, then the whole request and the decision as JSON of
 * RFC 8785, with no line feed at the end. Instants are RFC 3339 with milliseconds, in UTC.
 * @throws {ApprovalError} REQUEST_INVALID for half surrogate pairs, instants that are none, less than one approver, more than 16 KiB
 */
export function approvalPayload(request: ApprovalRequest, decision: VoteDecision): Uint8Array {
  const { requestedAt, notAfter, ...texts } = request;
  if (!Number.isSafeInteger(request.approvers) || request.approvers < 1) throw refuse("it asks for no approver");
  let text: string;
  try {
    const instants = { requestedAt: requestedAt.toISOString(), notAfter: notAfter.toISOString() };
    text = canonicalText({ ...texts, ...instants, decision });
  } catch (cause) {
    throw refuse("it can't be written as JSON", cause);
  }
  const payload = Buffer.from(`${domain}\n${text}`, "utf8");
  if (payload.length > maxBytes) throw refuse(`it has more than ${String(maxBytes)} bytes`);
  return payload;
}

function refuse(why: string, cause?: unknown): ApprovalError {
  return new ApprovalError("REQUEST_INVALID", `the request can't be signed: ${why}`, { cause });
}
