// SPDX-License-Identifier: Apache-2.0
import { signCallStatement } from "@mayfly/spiffe-client";
import { formatTraceparent, newTraceContext, type TraceContext } from "@mayfly/telemetry";
import { GatewayError } from "../errors.ts";
import type { CallFacts, CallOutcome } from "../ports/call-ledger.ts";
import type { ToolServer } from "../upstream/tool-server.ts";
import type { ToolAnswer } from "../upstream/read-answer.ts";
import type { AdmittedCaller } from "./caller.ts";
import type { CanonicalArguments } from "./digests.ts";
import type { CallDeps } from "./tool-calls.ts";
import { sendSpan } from "./send-span.ts";

/** A call that was decided for. */
export interface AllowedCall {
  readonly facts: CallFacts;
  readonly arguments: CanonicalArguments;
  readonly inputSchema: unknown;
  /** What the tool returns may be anybody's words. */
  readonly isUntrusted: boolean;
  /** SPIFFE ID of the tool server. */
  readonly audience: string;
  readonly caller: AdmittedCaller;
  readonly upstream: ToolServer;
  readonly trace: TraceContext;
  readonly signal: AbortSignal;
}

/** A call that was made, or at least begun. */
export interface MadeCall {
  readonly answer: ToolAnswer;
  readonly callId: string;
  readonly recordIndex: bigint;
}

/** A call that the ledger did not take. */
export interface RefusedCall {
  readonly refusal: string;
  readonly message: string;
}

/** Intent, then effect, then outcome. What ends the task ends the call at each of these steps. */
export async function makeCall(call: AllowedCall, deps: CallDeps): Promise<MadeCall | RefusedCall> {
  const { facts, caller } = call;
  // Before the intent: an end of the task that falls between the two is not missed.
  const running = deps.live.start(caller.taskId, facts.decisionId);
  try {
    const begun = await begin(call, deps);
    if ("refusal" in begun) return begun;
    const signal = AbortSignal.any([running.signal, call.signal]);
    const [startedAt, startedMs, span] = [deps.clock.now(), deps.clock.monotonicMs(), newTraceContext(call.trace)];
    const { answer, ...ended } = await send(call, { ...begun, signal, traceparent: formatTraceparent(span) }, deps);
    const outcome = { ...ended, durationMs: deps.clock.monotonicMs() - startedMs };
    deps.outcomes.tell(begun.callId, outcome);
    deps.spans.ended({ ...span, startedAt, ...sendSpan(call, begun.callId, outcome) });
    return { answer, ...begun };
  } finally {
    running.done();
  }
}

async function begin(
  { facts }: AllowedCall,
  { ledger, log }: CallDeps,
): Promise<{ readonly callId: string; readonly recordIndex: bigint } | RefusedCall> {
  try {
    return await ledger.begin(facts);
  } catch (error) {
    log.error("call_not_begun", { task_id: facts.taskId, decision_id: facts.decisionId, error });
    return { refusal: "RECORD_UNAVAILABLE", message: "the call can't be recorded, and is not made" };
  }
}

interface Sent extends Pick<CallOutcome, "outcome" | "detail"> {
  readonly answer: ToolAnswer;
}

async function send(
  call: AllowedCall,
  sending: { readonly callId: string; readonly signal: AbortSignal; readonly traceparent: string },
  deps: CallDeps,
): Promise<Sent> {
  const { facts, arguments: args, inputSchema, upstream, audience } = call;
  const { callId, signal } = sending;
  // The ledger's answer took time: what was true before it is asked again.
  if (signal.aborted || typeof deps.table.judge(facts.taskId) === "string") return notSent("CUT");
  try {
    if (call.isUntrusted) deps.untrusted.mark(call.caller.rootId);
    const { taskId: task, tool, canonicalDigest: argumentsDigest, approvalId: approval } = facts;
    const claims = { task, call: callId, tool, argumentsDigest, approval };
    const statement = signCallStatement(claims, deps.source.svid, { audience: [audience], now: deps.clock.now() });
    const answer = await upstream.callTool({
      ...sending,
      tool,
      argumentsJson: args.json,
      arguments: args.value,
      inputSchema,
      statement,
    });
    return { answer: shown(answer), ...outcomeOf(answer) };
  } catch (error) {
    return failed(error, facts, deps);
  }
}

/** A tool that answers with an error did what it did: whether that is nothing is for it to say. */
function outcomeOf(answer: ToolAnswer): Pick<CallOutcome, "outcome" | "detail"> {
  if ("error" in answer) return { outcome: "failed", detail: `RPC_ERROR ${String(answer.error.code)}` };
  return { outcome: "done", detail: answer.result["isError"] === true ? "TOOL_ERROR" : "" };
}

/** The tool's word as the agent gets it: it can neither ask back past the gateway nor speak of the gateway's own headers. */
function shown(answer: ToolAnswer): ToolAnswer {
  if ("error" in answer) {
    const isOurs = answer.error.code <= -32020 && answer.error.code >= -32099;
    return { error: { code: isOurs ? -32603 : answer.error.code, message: answer.error.message } };
  }
  const { resultType = "complete" } = answer.result;
  if (resultType === "complete") return { result: { ...answer.result, resultType } };
  return { error: { code: -32603, message: "the tool asks for something that is not passed on" } };
}

function failed(error: unknown, facts: CallFacts, { log }: CallDeps): Sent {
  const code = error instanceof GatewayError ? error.code : "INTERNAL";
  const level = code === "INTERNAL" ? "error" : "warn";
  log[level]("call_failed", { task_id: facts.taskId, decision_id: facts.decisionId, code, error });
  if (code === "UPSTREAM_UNREACHABLE") return notSent(code);
  const outcome = code === "INTERNAL" ? "failed" : "unknown";
  return { answer: { error: { code: -32603, message: `the call did not end well (${code})` } }, outcome, detail: code };
}

function notSent(detail: string): Sent {
  return {
    answer: { error: { code: -32603, message: `the call was not made (${detail})` } },
    outcome: "failed",
    detail,
  };
}
