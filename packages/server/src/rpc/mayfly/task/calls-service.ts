// SPDX-License-Identifier: Apache-2.0
import type { FinishCallRequest, MayflyCallsMethods, RecordDenialRequest } from "@mayfly/rpc";
import { beginCall } from "../../../tasks/calls/begin-call.ts";
import { callFact, parseCall } from "../../../tasks/calls/call-facts.ts";
import { pinTool } from "../../../tasks/calls/pin-tool.ts";
import { recordDecision } from "../../../tasks/calls/record-decision.ts";
import { requestApproval } from "../../../tasks/calls/request-approval.ts";
import { recordText } from "../../../tasks/record/recorder.ts";
import { withBeginSpan } from "../../../tasks/spans/call-span.ts";
import type { TaskLayer } from "../../../tasks/task-layer.ts";
import type { Call, GuardedHandlers } from "../../call.ts";
import { invalidArgument } from "../../wire/refusal.ts";

const outcomes = ["done", "failed", "unknown"] as const;
/** A code, and a little more. */
const maxDetail = 256;

function gatewayOf({ caller }: Call): string {
  const { identity, guard } = caller;
  if (identity === undefined || guard !== "gateway")
    throw new TypeError("a method for gateways was called by something else");
  return identity.id;
}

async function finish(layer: TaskLayer, request: FinishCallRequest, call: Call): Promise<number> {
  const state = outcomes.find((each) => each === request.outcome);
  if (state === undefined) throw invalidArgument(`expected an outcome of ${outcomes.join(", ")}`);
  const { duration_ms: durationMs, detail, call_id: id } = request;
  if (!Number.isFinite(durationMs) || durationMs < 0) throw invalidArgument("duration_ms is not a time");
  const by = gatewayOf(call);
  return await layer.openCalls.finish({ id, by, state, detail: recordText(detail).slice(0, maxDetail), durationMs });
}

async function recordDenial({ recorder }: TaskLayer, request: RecordDenialRequest, gateway: string): Promise<number> {
  const { code, message, requestable } = request;
  if (!/^[A-Za-z][A-Za-z0-9_.-]{0,63}$/.test(code)) throw invalidArgument("malformed code of a denial");
  const fact = callFact(parseCall(request.call), gateway);
  const body = { ...fact.body, code, message: recordText(message), requestable };
  return await recorder.event({ ...fact, kind: "decision", decision: "deny", body });
}

/** Calls of tools, for gateways: intent before, outcome after. */
export function callsHandlers(layer: TaskLayer): GuardedHandlers<MayflyCallsMethods> {
  return {
    BeginCall: async (request, call) => {
      const { metadata } = call;
      const begun = await withBeginSpan(layer, { request, metadata }, () => beginCall(layer, gatewayOf(call), request));
      if ("refusal" in begun) return begun;
      return { call_id: begun.callId, record_index: String(begun.recordIndex ?? 0) };
    },
    FinishCall: async (request, call) => ({ record_index: String(await finish(layer, request, call)) }),
    RecordDenial: async (request, call) => ({
      record_index: String(await recordDenial(layer, request, gatewayOf(call))),
    }),
    RecordDecision: async (request, call) => {
      const { recordIndex, summed } = await recordDecision(layer, gatewayOf(call), request);
      return { record_index: String(recordIndex ?? 0), summed };
    },
    RequestApproval: async (request, call) => {
      const { request: asked, state } = await requestApproval(layer, gatewayOf(call), request);
      return { approval_id: asked.id, not_after_ms: String(asked.notAfter.getTime()), state };
    },
    PinTool: async (request, call) => {
      const { state, digest } = await pinTool(layer, gatewayOf(call), request);
      return { pinned: state === "pinned" && digest === request.definition_digest, pinned_digest: digest };
    },
  };
}
