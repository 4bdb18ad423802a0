// SPDX-License-Identifier: Apache-2.0
import type { ApprovalMessage } from "@mayfly/rpc";
import { argumentsDigest } from "@mayfly/tasks";
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
    return JSON.parse(payload.slice(domain.length)) as Readonly<Record<string, unknown>>;
  } catch {
    throw altered("it can't be read");
  }
}

/**
 * The text to sign for a decision, once it is sure that it is about the call that was shown: nobody signs blindly what a server sends.
 * @throws {CliFailure} APPROVAL_ALTERED
 */
export function checkedPayload(approval: ApprovalMessage, decision: "approve" | "deny"): string {
  const payload = decision === "approve" ? approval.payload : approval.deny_payload;
  const fields = signedFields(payload);
  const shown: Readonly<Record<string, unknown>> = {
    id: approval.id,
    taskId: approval.task_id,
    server: approval.server,
    tool: approval.tool,
    argumentsDigest: argumentsDigest(approval.arguments_json),
    policyDigest: approval.policy_digest,
    requester: approval.requester,
    owner: approval.owner,
    approvers: approval.approvals_needed,
    notAfter: new Date(Number(approval.not_after_ms)).toISOString(),
    decision,
  };
  const wrong = Object.keys(shown).filter((name) => fields[name] !== shown[name]);
  if (wrong.length > 0) throw altered(wrong.join(", "));
  return payload;
}
