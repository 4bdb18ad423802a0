// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { type Caller, admit, callerOf, type AdmittedCaller } from "../calls/caller.ts";
import { listTools, mayDiscover } from "../calls/list-tools.ts";
import { type CallDeps, type CallReport, callTool, type ServedTools } from "../calls/tool-calls.ts";
import { type Trace, traceOf } from "../calls/trace.ts";
import { discovery, errorText, resultText } from "../mcp/answers.ts";
import { matchHeaders } from "../mcp/match-headers.ts";
import { protocolVersion } from "../mcp/protocol.ts";
import { type McpRequest, readRequest } from "../mcp/read-request.ts";
import type { SpanAttributes, SpanSink } from "../ports/spans.ts";
import type { VerifiedPeer } from "@mayfly/spiffe";
import { checkPost } from "./check-request.ts";
import { HttpRefusal } from "./http-refusal.ts";
import { readBody } from "./read-body.ts";
import { sendJson } from "./send-json.ts";

/** What the endpoint works with. */
export interface McpEndpointDeps extends CallDeps {
  readonly spans: SpanSink;
  readonly maxBodyBytes: number;
  readonly bodyTimeoutMs: number;
}

interface Handled {
  readonly text: string;
  readonly isError: boolean;
  readonly attributes: SpanAttributes;
}

/** Serves MCP in place of one tool server: each request stands alone, and the peer of its connection is the one who asks. @throws {HttpRefusal} */
export async function serveMcp(
  http: { readonly request: IncomingMessage; readonly response: ServerResponse; readonly peer: VerifiedPeer },
  served: ServedTools,
  deps: McpEndpointDeps,
): Promise<void> {
  const { request, response, peer } = http;
  const caller = callerOf(peer);
  checkPost(request);
  const body = await readBody(request, { maxBytes: deps.maxBodyBytes, timeoutMs: deps.bodyTimeoutMs });
  const startedAt = deps.clock.now();
  const startedMs = deps.clock.monotonicMs();
  const mcp = readRequest(body);
  const trace = traceOf(mcp.traceparent);
  try {
    matchHeaders(request.headers, mcp);
    const gone = goneSignal(response);
    const handled = await handle({ mcp, caller, trace, request, signal: gone }, served, deps);
    sendJson(response, 200, handled.text);
    report(handled);
  } catch (error) {
    const { code, message, data } = error instanceof HttpRefusal ? error : internal(error, deps);
    report({ isError: true, attributes: { "error.type": code } });
    throw new HttpRefusal(code, message, { ...data, id: mcp.id });
  }
  function report({ isError, attributes }: Omit<Handled, "text">): void {
    const durationMs = deps.clock.monotonicMs() - startedMs;
    const named = { ...commonAttributes(mcp, caller, served), ...attributes };
    const name = mcp.method === "tools/call" ? `${mcp.method} ${mcp.name}` : mcp.method;
    const status = isError ? "error" : "ok";
    deps.spans.ended({ ...trace, name, kind: "server", startedAt, durationMs, status, attributes: named });
  }
}

interface Question {
  readonly mcp: McpRequest;
  readonly caller: Caller;
  readonly trace: Trace;
  readonly request: IncomingMessage;
  readonly signal: AbortSignal;
}

/** How often a call is judged anew when its task changed while it was being judged, and how long the news of it may take. */
const maxAttempts = 4;
const newsMs = 50;

async function handle(question: Question, served: ServedTools, deps: McpEndpointDeps, attempt = 1): Promise<Handled> {
  const { mcp, trace, request, signal } = question;
  const caller = await admit(question.caller, deps.table);
  if (mcp.method === "server/discover") return discover(mcp, caller, served);
  if (mcp.method === "tools/list") {
    return { text: resultText(mcp.id, await listTools(caller, served, deps)), isError: false, attributes: {} };
  }
  const call = await callTool({ request: mcp, headers: request.headers, caller, served, trace, signal }, deps);
  if (call.reason === "TASK_CHANGED" && attempt < maxAttempts) {
    await wait(newsMs);
    return await handle(question, served, deps, attempt + 1);
  }
  const { answer } = call;
  const text = "result" in answer ? resultText(mcp.id, answer.result) : errorText(mcp.id, answer.error);
  return { text, isError: !call.allowed || "error" in answer, attributes: callAttributes(call) };
}

function discover({ id }: McpRequest, caller: AdmittedCaller, served: ServedTools): Handled {
  if (!mayDiscover(caller, served)) throw new HttpRefusal("NO_SUCH_PATH", "there is no such tool server");
  return { text: resultText(id, discovery(served.register.name)), isError: false, attributes: {} };
}

function internal(error: unknown, { log }: McpEndpointDeps): HttpRefusal {
  log.error("request_failed", { error });
  return new HttpRefusal("UNAVAILABLE", "the request can't be decided on now");
}

/** The agent's side of the connection is gone before the answer was. */
function goneSignal(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once("close", () => {
    if (!response.writableFinished) controller.abort(new Error("the agent went away"));
  });
  return controller.signal;
}

function commonAttributes(mcp: McpRequest, { taskId, peer, svidSerial }: Caller, served: ServedTools): SpanAttributes {
  return {
    "mcp.method.name": mcp.method,
    "mcp.protocol.version": protocolVersion,
    "jsonrpc.request.id": String(mcp.id),
    "mayfly.task.id": taskId,
    "mayfly.workload.spiffe_id": peer.id.toString(),
    "mayfly.svid.serial": svidSerial,
    "mayfly.tool_server.name": served.register.name,
    ...(mcp.method === "tools/call" ? { "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": mcp.name } : {}),
  };
}

function callAttributes(call: CallReport): SpanAttributes {
  const { approvalId, callId, recordIndex } = call;
  return {
    "mayfly.decision": call.allowed ? "allow" : "deny",
    "mayfly.decision.id": call.decisionId,
    "mayfly.decision.reason": call.reason,
    "mayfly.policy.bundle": call.policyDigest,
    "mayfly.args_digest": call.argumentsDigest,
    ...(approvalId === undefined ? {} : { "mayfly.approval.id": approvalId }),
    ...(callId === undefined ? {} : { "mayfly.call.id": callId }),
    ...(recordIndex === undefined ? {} : { "mayfly.audit.index": Number(recordIndex) }),
  };
}
