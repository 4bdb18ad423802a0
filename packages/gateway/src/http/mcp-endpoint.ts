// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { type AdmittedCaller, admit, type Caller, callerOf } from "../calls/caller.ts";
import { listTools, mayDiscover } from "../calls/list-tools.ts";
import { type CallDeps, callTool, type ServedTools } from "../calls/tool-calls.ts";
import { discovery, errorText, resultText } from "../mcp/answers.ts";
import type { DecisionRecord } from "../decision/decision-record.ts";
import { matchHeaders } from "../mcp/match-headers.ts";
import { type McpRequest, readRequest } from "../mcp/read-request.ts";
import type { PlainDecision } from "../ports/call-ledger.ts";
import type { VerifiedPeer } from "@mayfly/spiffe";
import { newTraceContext, type SpanAttributes, type TraceContext } from "@mayfly/telemetry";
import { checkPost } from "./check-request.ts";
import { HttpRefusal } from "./http-refusal.ts";
import { readBody } from "./read-body.ts";
import {
  callAttributes,
  listAttributes,
  requestAttributes,
  requestSpanName,
  standingAttributes,
} from "./request-span.ts";
import { sendJson } from "./send-json.ts";

/** What the endpoint works with. */
export interface McpEndpointDeps extends CallDeps {
  readonly decisions: DecisionRecord;
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
  // A trace of our own: an agent that may name it could write into that of another task.
  const trace = newTraceContext();
  try {
    matchHeaders(request.headers, mcp);
    const gone = goneSignal(response);
    const handled = await handle({ mcp, caller, trace, request, signal: gone }, served, deps);
    sendJson(response, 200, handled.text);
    report(handled);
  } catch (error) {
    const { code, message, data } = error instanceof HttpRefusal ? error : internal(error, deps);
    if (code === "TASK_REFUSED") deps.decisions.refused(refusedTask({ mcp, caller, trace, data }, served, deps));
    report({ isError: true, attributes: { "error.type": code } });
    throw new HttpRefusal(code, message, { ...data, id: mcp.id });
  }
  function report({ isError, attributes }: Omit<Handled, "text">): void {
    const durationMs = deps.clock.monotonicMs() - startedMs;
    deps.spans.ended({
      ...trace,
      links: mcp.agentSpan && [mcp.agentSpan],
      name: requestSpanName(mcp),
      kind: "server",
      startedAt,
      durationMs,
      status: isError ? "error" : "ok",
      attributes: { ...requestAttributes(mcp, caller, served.register.name), ...attributes },
    });
  }
}

interface Question {
  readonly mcp: McpRequest;
  readonly caller: Caller;
  readonly trace: TraceContext;
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
    const { result, decision } = await listTools(caller, served, { ...deps, trace });
    const attributes = { ...standingAttributes(caller), ...listAttributes(decision) };
    return { text: resultText(mcp.id, result), isError: false, attributes };
  }
  const call = await callTool({ request: mcp, headers: request.headers, caller, served, trace, signal }, deps);
  if (call.reason === "TASK_CHANGED" && attempt < maxAttempts) {
    await wait(newsMs);
    return await handle(question, served, deps, attempt + 1);
  }
  const { answer } = call;
  const text = "result" in answer ? resultText(mcp.id, answer.result) : errorText(mcp.id, answer.error);
  const attributes = { ...standingAttributes(caller), ...callAttributes(call) };
  return { text, isError: !call.allowed || attributes["error.type"] !== undefined, attributes };
}

function discover({ id }: McpRequest, caller: AdmittedCaller, served: ServedTools): Handled {
  if (!mayDiscover(caller, served)) throw new HttpRefusal("NO_SUCH_PATH", "there is no such tool server");
  return { text: resultText(id, discovery(served.register.name)), isError: false, attributes: {} };
}

/** A task that may do nothing now: no policy was asked. */
function refusedTask(
  { mcp, caller, trace, data }: Pick<Question, "mcp" | "caller" | "trace"> & Pick<HttpRefusal, "data">,
  { register }: ServedTools,
  { policies }: McpEndpointDeps,
): PlainDecision {
  return {
    kind: "refused",
    taskId: caller.taskId,
    svidSerial: caller.svidSerial,
    subject: caller.peer.id.toString(),
    server: register.name,
    tool: mcp.method === "tools/call" ? mcp.name : undefined,
    allowed: false,
    reasons: [String(data["reason"])],
    policyDigest: policies.bundle?.digest ?? "",
    policyIds: [],
    decisionId: randomUUID(),
    traceId: trace.traceId,
  };
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
