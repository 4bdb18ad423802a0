// SPDX-License-Identifier: Apache-2.0
import type { BeginCallRequest } from "@mayfly/rpc";
import { newTraceContext, parseTraceparent, type SpanAttributes } from "@mayfly/telemetry";
import type { Call } from "../../rpc/call.ts";
import type { BegunCall } from "../calls/begin-call.ts";
import type { TaskLayer } from "../task-layer.ts";

const method = "mayfly.task.v1.Calls/BeginCall";

/** Begins a call within a span: below that of the gateway, which is believed to name its own. Nothing is decided by it. */
export async function withBeginSpan(
  { spans, clock }: TaskLayer,
  { request, metadata }: { readonly request: BeginCallRequest; readonly metadata: Call["metadata"] },
  begin: () => Promise<BegunCall>,
): Promise<BegunCall> {
  const parent = parseTraceparent(metadata.get("traceparent")[0]);
  const [startedAt, startedMs] = [clock.now(), performance.now()];
  let attributes: SpanAttributes = { "error.type": "INTERNAL" };
  try {
    const begun = await begin();
    attributes = outcomeOf(begun);
    return begun;
  } finally {
    spans.ended({
      ...newTraceContext(parent),
      parentSpanId: parent?.spanId,
      name: method,
      kind: "server",
      startedAt,
      durationMs: performance.now() - startedMs,
      status: attributes["error.type"] === undefined ? "ok" : "error",
      attributes: { ...asked(request), ...attributes },
    });
  }
}

function asked(request: BeginCallRequest): SpanAttributes {
  return {
    "rpc.system.name": "grpc",
    "rpc.method": method,
    "mayfly.task.id": request.task_id,
    "mayfly.svid.serial": request.svid_serial,
    "mayfly.decision.id": request.decision_id,
    "mayfly.policy.bundle": request.policy_digest,
    "mayfly.args_digest": request.arguments_digest,
    "mayfly.approval.id": request.approval_id === "" ? undefined : request.approval_id,
    "gen_ai.tool.name": request.tool,
    "mayfly.tool_server.name": request.server,
  };
}

function outcomeOf(begun: BegunCall): SpanAttributes {
  if ("refusal" in begun) return { "mayfly.decision": "deny", "error.type": begun.refusal };
  return { "mayfly.decision": "allow", "mayfly.call.id": begun.callId, "mayfly.audit.index": begun.recordIndex };
}
