// SPDX-License-Identifier: Apache-2.0
import type { ApprovalMessage } from "@mayfly/rpc";
import { approvalPayload, argumentsDigest, parseTaskId } from "@mayfly/tasks";
import { describe, expect, it } from "vitest";
import { checkedPayload } from "./check-payload.ts";

const args = '{"amount":4000}';
const requestedAt = new Date("2026-11-25T10:00:00.000Z");
const notAfter = new Date("2026-11-25T10:05:00.000Z");
const request = {
  id: "a-1",
  taskId: parseTaskId("t-abcdefghijklmnop"),
  agent: "ops/refunds",
  server: "orders",
  tool: "orders.refund",
  argumentsDigest: argumentsDigest(args),
  policyDigest: `sha256:${"ab".repeat(32)}`,
  requestedAt,
  notAfter,
  nonce: "n",
  requester: "spiffe://example.org/agent/ops/refunds/task/t-abcdefghijklmnop",
  owner: "dana",
  approvers: 1,
};
const good: ApprovalMessage = {
  id: "a-1",
  task_id: request.taskId,
  server: "orders",
  tool: "orders.refund",
  arguments_json: args,
  payload: Buffer.from(approvalPayload(request, "approve")).toString(),
  deny_payload: Buffer.from(approvalPayload(request, "deny")).toString(),
  state: "pending",
  requested_at_ms: String(requestedAt.getTime()),
  not_after_ms: String(notAfter.getTime()),
  requester: request.requester,
  owner: "dana",
  approvers: [],
  approvals_needed: 1,
  policy_digest: request.policyDigest,
};

function refused(over: Partial<ApprovalMessage>, decision: "approve" | "deny" = "approve"): string {
  try {
    checkedPayload({ ...good, ...over }, decision);
    return "signed";
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe("what an approver signs", () => {
  it("is the text that the server gives, when it is about the call that is shown", () => {
    expect(checkedPayload(good, "approve")).toBe(good.payload);
    expect(checkedPayload(good, "deny")).toBe(good.deny_payload);
  });

  it.each([
    ["one digit of the arguments", { arguments_json: '{"amount":40}' }],
    ["the tool", { tool: "orders.query" }],
    ["the server", { server: "billing" }],
    ["the task", { task_id: "t-aaaaaaaaaaaaaaaa" }],
    ["the end", { not_after_ms: "1" }],
    ["the owner", { owner: "lee" }],
    ["how many people", { approvals_needed: 2 }],
    ["the policy", { policy_digest: `sha256:${"cd".repeat(32)}` }],
  ])("APR-D02: is refused when %s is shown otherwise than signed", (_what, over) => {
    expect(refused(over)).toBe("APPROVAL_ALTERED");
  });

  it("APR-D02: a yes is not signed where a no was meant, nor anything that is no approval", () => {
    expect(refused({ deny_payload: good.payload }, "deny")).toBe("APPROVAL_ALTERED");
    expect(refused({ payload: "mayfly-approval/v1\nnonsense" })).toBe("APPROVAL_ALTERED");
    expect(refused({ payload: "something else" })).toBe("APPROVAL_ALTERED");
    expect(refused({ payload: "mayfly-approval/v1\nnull" })).toBe("APPROVAL_ALTERED");
    const twice = good.payload.replace('"owner"', '"tool":"orders.drop","owner"');
    expect(refused({ payload: twice })).toBe("APPROVAL_ALTERED");
  });
});
