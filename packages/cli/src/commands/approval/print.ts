// SPDX-License-Identifier: Apache-2.0
import type { ApprovalMessage } from "@mayfly/rpc";
import { instantJson, instantText } from "../../instants.ts";
import { printLine, printRecord } from "../../output.ts";

/** Stable JSON form of an approval. The arguments are those of the call itself. */
export function approvalJson(approval: ApprovalMessage): Record<string, unknown> {
  return {
    id: approval.id,
    task_id: approval.task_id,
    server: approval.server,
    tool: approval.tool,
    arguments: JSON.parse(approval.arguments_json) as unknown,
    state: approval.state,
    requested_at: instantJson(approval.requested_at_ms),
    not_after: instantJson(approval.not_after_ms),
    requester: approval.requester,
    owner: approval.owner,
    approvers: approval.approvers,
    approvals_needed: approval.approvals_needed,
    policy_digest: approval.policy_digest,
  };
}

/** Each member of the arguments on its own line, in canonical form: nothing an agent says stands beside them. */
function argumentLines(argumentsJson: string): string[] {
  const value = JSON.parse(argumentsJson) as unknown;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [argumentsJson];
  const members = Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}: ${JSON.stringify(item)}`);
  return members.length === 0 ? ["none"] : members;
}

/** An approval for whoever decides about it: the call, its arguments, and what an approval would change. */
export function printApproval(approval: ApprovalMessage, changes: readonly string[]): void {
  const { approvers, approvals_needed: needed } = approval;
  printRecord([
    ["Approval", approval.id],
    ["State", approval.state],
    ["Tool", `${approval.server}/${approval.tool}`],
    ...argumentLines(approval.arguments_json).map((line, index): [string, string] => [
      index === 0 ? "Arguments" : "",
      line,
    ]),
    ...changes.map((line, index): [string, string] => [index === 0 ? "It changes" : "", line]),
    ["Task", approval.task_id],
    ["Asked by", approval.requester],
    ["Owner", approval.owner],
    ["Asked", instantText(approval.requested_at_ms)],
    ["Ends", instantText(approval.not_after_ms)],
    ["Approved by", `${approvers.join(", ") || "nobody"}, ${String(needed)} needed`],
    ["Policy", approval.policy_digest],
  ]);
  printLine("");
}
