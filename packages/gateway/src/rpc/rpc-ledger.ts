// SPDX-License-Identifier: Apache-2.0
import { type BeginCallRequest, mayflyCallsService, type RpcChannel } from "@mayfly/rpc";
import { formatTraceparent } from "@mayfly/telemetry";
import type {
  AskedApproval,
  BegunCall,
  CallFacts,
  CallLedger,
  CallOutcome,
  Denial,
  PlainDecision,
  SeenTool,
} from "../ports/call-ledger.ts";

const { BeginCall, FinishCall, RecordDenial, RecordDecision, RequestApproval, PinTool } = mayflyCallsService.methods;

/** What the contract takes; names that are longer are those of no tool. */
const maxText = 256;
const maxPolicyIds = 64;

/** The ledger at the server, over `mayfly.task.v1.Calls`. Each method rejects with a StatusError when the server can't be asked in time. */
export class RpcLedger implements CallLedger {
  readonly #channel: RpcChannel;
  readonly #timeoutMs: number;

  constructor(channel: RpcChannel, timeoutMs: number) {
    this.#channel = channel;
    this.#timeoutMs = timeoutMs;
  }

  async begin(call: CallFacts): Promise<BegunCall> {
    const answer = await this.#channel.unary(BeginCall, messageOf(call), {
      ...this.#options,
      metadata: { traceparent: formatTraceparent(call) },
    });
    if (answer.refusal !== "") return { refusal: answer.refusal, message: answer.message };
    // Without an id there would be no outcome: the call is not one that was begun.
    if (answer.call_id === "") return { refusal: "RECORD_UNAVAILABLE", message: "the server gave the call no id" };
    return { callId: answer.call_id, recordIndex: BigInt(answer.record_index) };
  }

  async finish(callId: string, { outcome, detail, durationMs }: CallOutcome): Promise<void> {
    await this.#channel.unary(FinishCall, { call_id: callId, outcome, detail, duration_ms: durationMs }, this.#options);
  }

  async recordDenial(call: CallFacts, denial: Denial): Promise<void> {
    await this.#channel.unary(RecordDenial, { call: messageOf(call), ...denial }, this.#options);
  }

  async recordDecision(decision: PlainDecision): Promise<void> {
    const request = {
      kind: decision.kind,
      task_id: decision.taskId ?? "",
      svid_serial: decision.svidSerial ?? "",
      subject: decision.subject ?? "",
      server: decision.server.slice(0, maxText),
      tool: decision.tool?.slice(0, maxText) ?? "",
      allowed: decision.allowed,
      reasons: decision.reasons,
      shown: decision.shown ?? [],
      arguments_digest: decision.argumentsDigest ?? "",
      policy_digest: decision.policyDigest,
      policy_ids: decision.policyIds.slice(0, maxPolicyIds),
      decision_id: decision.decisionId,
      trace_id: decision.traceId ?? "",
    };
    await this.#channel.unary(RecordDecision, request, this.#options);
  }

  async requestApproval(call: CallFacts, argumentsJson: string, ttlSeconds: number): Promise<AskedApproval> {
    const request = { call: messageOf(call), arguments_json: argumentsJson, ttl_seconds: String(ttlSeconds) };
    const answer = await this.#channel.unary(RequestApproval, request, this.#options);
    return {
      approvalId: answer.approval_id,
      notAfter: new Date(Number(answer.not_after_ms)),
      state: answer.state,
    };
  }

  async pinTool({ server, tool, digest, definition }: SeenTool): Promise<boolean> {
    const request = { server, tool, definition_digest: digest, definition_json: definition };
    const answer = await this.#channel.unary(PinTool, request, this.#options);
    return answer.pinned && answer.pinned_digest === digest;
  }

  get #options(): { readonly timeoutMs: number } {
    return { timeoutMs: this.#timeoutMs };
  }
}

function messageOf(call: CallFacts): BeginCallRequest {
  return {
    task_id: call.taskId,
    svid_serial: call.svidSerial,
    server: call.server,
    tool: call.tool,
    effect: call.effect,
    arguments_digest: call.argumentsDigest,
    canonical_digest: call.canonicalDigest,
    policy_digest: call.policyDigest,
    policy_ids: call.policyIds,
    approval_id: call.approvalId ?? "",
    trace_id: call.traceId,
    decision_id: call.decisionId,
    task_revision: String(call.taskRevision),
  };
}
