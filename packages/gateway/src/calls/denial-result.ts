// SPDX-License-Identifier: Apache-2.0
import type { AskedApproval } from "../ports/call-ledger.ts";

/** A denial as the agent sees it. */
export interface ShownDenial {
  readonly decisionId: string;
  readonly at: Date;
  /** Stable. */
  readonly reason: string;
  readonly message: string;
  /** There = somebody was asked, and the same call may pass later. */
  readonly approval?: AskedApproval | undefined;
}

/**
 * A denial as a tool's result, so that the agent reads it as such: AuthZEN's deny as structured content, with the handle of the access
 * request where one was made (AuthZEN Access Request and Approval Profile, draft 1).
 */
export function denialResult({
  decisionId,
  at,
  reason,
  message,
  approval,
}: ShownDenial): Readonly<Record<string, unknown>> {
  const access =
    approval === undefined
      ? {}
      : {
          access_request: {
            id: approval.approvalId,
            status: approval.state,
            expires_at: approval.notAfter.toISOString(),
          },
        };
  const context = { evaluation_id: decisionId, evaluated_at: at.toISOString(), reason, ...access };
  const hint =
    approval === undefined
      ? ""
      : ` Approval ${approval.approvalId} is ${approval.state}: repeat the same call once it is given.`;
  return {
    resultType: "complete",
    content: [{ type: "text", text: `Denied (${reason}): ${message}.${hint}` }],
    structuredContent: { decision: false, context },
    isError: true,
  };
}
