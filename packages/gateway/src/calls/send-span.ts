// SPDX-License-Identifier: Apache-2.0
import type { FinishedSpan } from "@mayfly/telemetry";
import type { CallOutcome } from "../ports/call-ledger.ts";
import type { AllowedCall } from "./make-call.ts";

/** The gateway as the client of a tool server: a span below that of the request which the call came with. */
export function sendSpan(
  { facts, trace, upstream }: AllowedCall,
  callId: string,
  { outcome, detail, durationMs }: CallOutcome,
): Omit<FinishedSpan, "traceId" | "spanId" | "startedAt"> {
  return {
    parentSpanId: trace.spanId,
    name: `tools/call ${facts.tool}`,
    kind: "client",
    durationMs,
    status: outcome === "done" && detail === "" ? "ok" : "error",
    attributes: {
      "mcp.method.name": "tools/call",
      "gen_ai.operation.name": "execute_tool",
      "gen_ai.tool.name": facts.tool,
      "server.address": upstream.url.hostname,
      "server.port": Number(upstream.url.port || 443),
      "mayfly.task.id": facts.taskId,
      "mayfly.call.id": callId,
      "mayfly.call.outcome": outcome,
      "error.type": detail === "" ? undefined : detail,
    },
  };
}
