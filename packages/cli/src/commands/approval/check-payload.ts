// SPDX-License-Identifier: Apache-2.0
import type { ApprovalMessage } from "@mayfly/rpc";
import { approvalPayload, argumentsDigest, parseTaskId } from "@mayfly/tasks";
import { CliFailure } from "../../failure.ts";

const domain = "mayfly-approval/v1\n";

function altered(what: string): CliFailure {
  return new CliFailure("APPROVAL_ALTERED", `what is to be signed is not what is shown: ${what}`, {
    hint: "do not sign it; the server, or who is in its place, shows one call and has another one signed",
  });
}

function signedFields(payload: string): Readonly<Record<string, unknown>> {
  if (!payload.startsWith(domain)) throw altered("it is no approval");
  try {
    const fields = JSON.parse(payload.slice(domain.length)) as unknown;
    if (typeof fields === "object" && fields !== null) return fields as Readonly<Record<string, unknown>>;
  } catch {
    // Said below.
  }
  throw altered("it can't be read");
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** The one text for what is shown; only the nonce, and the profile's name beside the SPIFFE ID, are the server's word. */
function expectedPayload(
  approval: ApprovalMessage,
  decision: "approve" | "deny",
  { agent, nonce }: Readonly<Record<string, unknown>>,
): string {
  const request = {
    id: approval.id,
    taskId: parseTaskId(approval.task_id),
    agent: textOf(agent),
    server: approval.server,
    tool: approval.tool,
    argumentsDigest: argumentsDigest(approval.arguments_json),
    policyDigest: approval.policy_digest,
    requestedAt: new Date(Number(approval.requested_at_ms)),
    notAfter: new Date(Number(approval.not_after_ms)),
    nonce: textOf(nonce),
    requester: approval.requester,
    owner: approval.owner,
    approvers: approval.approvals_needed,
  };
  return Buffer.from(approvalPayload(request, decision)).toString();
}

/**
 * The text to sign for a decision, once it is sure that it is about the call that was shown: nobody signs blindly what a server sends.
 * @throws {CliFailure} APPROVAL_ALTERED
 */
export function checkedPayload(approval: ApprovalMessage, decision: "approve" | "deny"): string {
  const payload = decision === "approve" ? approval.payload : approval.deny_payload;
  const fields = signedFields(payload);
  const expected = expectedPayload(approval, decision, fields);
  if (payload === expected) return payload;
  const shown = signedFields(expected);
  const wrong = Object.keys({ ...shown, ...fields }).filter((name) => fields[name] !== shown[name]);
  throw altered(wrong.length === 0 ? "it is written in another way" : wrong.join(", "));
}
