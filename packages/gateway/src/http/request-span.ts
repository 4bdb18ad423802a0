// SPDX-License-Identifier: Apache-2.0
import type { SpanAttributes } from "@mayfly/telemetry";
import type { AdmittedCaller, Caller } from "../calls/caller.ts";
import type { CallReport } from "../calls/tool-calls.ts";
import { protocolVersion } from "../mcp/protocol.ts";
import type { McpRequest } from "../mcp/read-request.ts";
import type { PlainDecision } from "../ports/call-ledger.ts";

/** Name of the span of a request. OpenTelemetry, semantic conventions for MCP. */
export function requestSpanName(mcp: McpRequest): string {
  return mcp.method === "tools/call" ? `${mcp.method} ${mcp.name}` : mcp.method;
}

/** What the span of each request says, by the connection and by the body's plain facts. */
export function requestAttributes(
  mcp: McpRequest,
  { taskId, peer, svidSerial }: Caller,
  server: string,
): SpanAttributes {
  return {
    "mcp.method.name": mcp.method,
    "mcp.protocol.version": protocolVersion,
    "jsonrpc.request.id": String(mcp.id),
    "mayfly.task.id": taskId,
    "mayfly.workload.spiffe_id": peer.id.toString(),
    "mayfly.svid.serial": svidSerial,
    "mayfly.tool_server.name": server,
    ...(mcp.method === "tools/call" && { "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": mcp.name }),
  };
}

/** What the server has on record of who asks. */
export function standingAttributes({ standing }: AdmittedCaller): SpanAttributes {
  const { agent, parentId, depth } = standing;
  return { "gen_ai.agent.name": agent, "mayfly.task.parent_id": parentId, "mayfly.delegation.depth": depth };
}

/** What was decided on a list. */
export function listAttributes({ allowed, decisionId, policyDigest }: PlainDecision): SpanAttributes {
  return {
    "mayfly.decision": allowed ? "allow" : "deny",
    "mayfly.decision.id": decisionId,
    "mayfly.policy.bundle": policyDigest,
  };
}

/** What was decided on a call and what became of it, with the ids of the record. */
export function callAttributes(call: CallReport): SpanAttributes {
  const { recordIndex, answer } = call;
  return {
    "mayfly.decision": call.allowed ? "allow" : "deny",
    "mayfly.decision.id": call.decisionId,
    "mayfly.decision.reason": call.reason,
    "mayfly.policy.bundle": call.policyDigest,
    "mayfly.args_digest": call.argumentsDigest,
    "mayfly.approval.id": call.approvalId,
    "mayfly.call.id": call.callId,
    "mayfly.audit.index": recordIndex === undefined ? undefined : Number(recordIndex),
    "error.type": errorType(answer),
  };
}

function errorType(answer: CallReport["answer"]): string | undefined {
  if ("error" in answer) return String(answer.error.code);
  return answer.result["isError"] === true ? "tool_error" : undefined;
}
