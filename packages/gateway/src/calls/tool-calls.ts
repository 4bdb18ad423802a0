// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { X509Source } from "@mayfly/spiffe-client";
import type { Logger, SpanSink, TraceContext } from "@mayfly/telemetry";
import type { Clock } from "../clock.ts";
import { type CallVerdict, decideCall, type Policies } from "../decision/decide-call.ts";
import { HttpRefusal } from "../http/http-refusal.ts";
import { matchParamHeaders } from "../mcp/match-headers.ts";
import type { McpRequest } from "../mcp/read-request.ts";
import type { AskedApproval, CallFacts, CallLedger } from "../ports/call-ledger.ts";
import type { LiveCalls } from "../tasks/live-calls.ts";
import type { StandingTable } from "../tasks/standing-table.ts";
import type { UntrustedTasks } from "../tasks/untrusted-tasks.ts";
import { findMisspelt } from "../tools/misspelt-names.ts";
import type { ToolCatalogue } from "../tools/tool-catalogue.ts";
import type { ToolDefinition } from "../tools/tool-definition.ts";
import type { RegisteredServer, RegisteredTool } from "../tools/tool-register.ts";
import type { ToolServer } from "../upstream/tool-server.ts";
import type { AdmittedCaller } from "./caller.ts";
import { denialResult } from "./denial-result.ts";
import { canonicalise, type CanonicalArguments } from "./digests.ts";
import { type MadeCall, makeCall } from "./make-call.ts";
import type { Outcomes } from "./outcomes.ts";

/** One tool server with what is known of it. */
export interface ServedTools {
  readonly register: RegisteredServer;
  readonly catalogue: ToolCatalogue;
  readonly upstream: ToolServer;
}

/** What calls are decided and made with. */
export interface CallDeps {
  readonly table: StandingTable;
  readonly live: LiveCalls;
  readonly untrusted: UntrustedTasks;
  readonly ledger: CallLedger;
  readonly outcomes: Outcomes;
  readonly policies: Policies;
  readonly source: X509Source;
  readonly clock: Clock;
  readonly log: Logger;
  readonly spans: SpanSink;
  /** Of the keyed digests, 32 bytes or more. */
  readonly digestKey: Uint8Array;
  readonly maxArgumentBytes: number;
  readonly approvalTtlSeconds: number;
  readonly maxCallsPerTask: number;
}

/** A `tools/call` whose headers and body agree, of a task that may act. */
export interface IncomingCall {
  readonly request: Extract<McpRequest, { method: "tools/call" }>;
  readonly headers: IncomingHttpHeaders;
  readonly caller: AdmittedCaller;
  readonly served: ServedTools;
  readonly trace: TraceContext;
  /** Aborted when the agent goes away. */
  readonly signal: AbortSignal;
}

/** How a call went: what the agent gets, and the ids for the span. */
export interface CallReport {
  readonly answer: MadeCall["answer"];
  readonly decisionId: string;
  readonly allowed: boolean;
  readonly reason: string;
  readonly policyDigest: string;
  readonly argumentsDigest: string;
  readonly approvalId?: string | undefined;
  readonly callId?: string | undefined;
  readonly recordIndex?: bigint | undefined;
}

/** What a decision is made on. */
interface Prepared extends IncomingCall {
  readonly decisionId: string;
  readonly tool: RegisteredTool;
  readonly definition: ToolDefinition | undefined;
  readonly args: CanonicalArguments;
}

/**
 * Decides on a call and makes it. A denial is a tool's result; what can't even be decided on is thrown.
 * @throws {HttpRefusal}
 */
export async function callTool(call: IncomingCall, deps: CallDeps): Promise<CallReport> {
  const { live, outcomes, maxCallsPerTask } = deps;
  if (live.running(call.caller.taskId) >= maxCallsPerTask || outcomes.isFull) {
    throw new HttpRefusal("TOO_MANY_CALLS", "too many calls are under way");
  }
  const { register, catalogue } = call.served;
  const args = canonicalise(call.request.arguments, { key: deps.digestKey, maxBytes: deps.maxArgumentBytes });
  const tool = register.tools.get(call.request.name);
  if (tool === undefined) return await deny(unregistered(call, args), noVerdict("TOOL_UNKNOWN"), deps);
  const offered = (await catalogue.offer()).get(tool.tool);
  const prepared = { ...call, decisionId: randomUUID(), tool, definition: offered?.definition, args };
  if (offered === undefined) return await deny(prepared, noVerdict("TOOL_UNKNOWN"), deps);
  if (!offered.isPinned) return await deny(prepared, noVerdict("TOOL_QUARANTINED"), deps);
  const { inputSchema } = offered.definition;
  matchParamHeaders(call.headers, args.value, inputSchema);
  refuseMisspelt(prepared, inputSchema);
  return await decide(prepared, deps);
}

async function decide(call: Prepared, deps: CallDeps): Promise<CallReport> {
  const verdict = judge(call, call.request.approvalId, deps);
  if (verdict.allowed) return await begin(call, verdict, call.request.approvalId, deps);
  if (!verdict.requestable) return await deny(call, verdict, deps);
  const approval = await ask(call, verdict, deps);
  // Given meanwhile: all is judged again with it, and the ledger decides whether it is still worth anything.
  if (approval?.state !== "approved") return await deny(call, verdict, deps, approval);
  const again = judge(call, approval.approvalId, deps);
  if (again.allowed) return await begin(call, again, approval.approvalId, deps);
  return await deny(call, again, deps);
}

/** Asks people; where that can't be done the denial stands without a handle. */
async function ask(call: Prepared, verdict: CallVerdict, deps: CallDeps): Promise<AskedApproval | undefined> {
  const facts = factsOf(call, verdict, deps);
  try {
    return await deps.ledger.requestApproval(facts, call.args.json, deps.approvalTtlSeconds);
  } catch (error) {
    deps.log.error("approval_not_requested", { task_id: facts.taskId, decision_id: facts.decisionId, error });
    return undefined;
  }
}

function judge(call: Prepared, approvalId: string | undefined, deps: CallDeps): CallVerdict {
  const { principal, standing, rootId } = call.caller;
  const { tool, args } = call;
  const asked = { principal, standing, tool, arguments: args.value, approvalId };
  return decideCall({ ...asked, untrusted: deps.untrusted.has(rootId), now: deps.clock.now() }, deps.policies);
}

async function begin(
  call: Prepared,
  verdict: CallVerdict,
  approvalId: string | undefined,
  deps: CallDeps,
): Promise<CallReport> {
  const { caller, request, args, definition, decisionId } = call;
  const facts = factsOf(call, verdict, deps, approvalId);
  const made = await makeCall(
    {
      facts,
      arguments: args,
      inputSchema: definition?.inputSchema,
      isUntrusted: call.tool.isUntrusted,
      audience: call.served.register.spiffeId,
      caller,
      upstream: call.served.upstream,
      trace: call.trace,
      signal: call.signal,
    },
    deps,
  );
  const report = {
    decisionId,
    policyDigest: facts.policyDigest,
    argumentsDigest: facts.argumentsDigest,
    approvalId,
  };
  if (!("refusal" in made)) return { ...report, allowed: true, reason: verdict.reason, ...made };
  const { refusal: reason, message } = made;
  deps.log.info("call_refused", { task_id: caller.taskId, tool: request.name, decision_id: decisionId, reason });
  const result = denialResult({ decisionId, at: deps.clock.now(), reason, message });
  return { ...report, allowed: false, reason, answer: { result } };
}

/** Records a denial and shows it. A denial that can't be recorded is one all the same. */
async function deny(
  call: Prepared,
  verdict: Pick<CallVerdict, "reason" | "message" | "requestable"> & { readonly decision?: CallVerdict["decision"] },
  deps: CallDeps,
  approval?: AskedApproval,
): Promise<CallReport> {
  const { reason, message, requestable } = verdict;
  const facts = factsOf(call, verdict, deps, approval?.approvalId ?? call.request.approvalId);
  const { taskId, tool, decisionId } = facts;
  deps.log.info("call_denied", { task_id: taskId, tool, decision_id: decisionId, reason });
  try {
    await deps.ledger.recordDenial(facts, { code: reason, message, requestable });
  } catch (error) {
    deps.log.error("denial_not_recorded", { task_id: taskId, decision_id: decisionId, error });
  }
  const result = denialResult({ decisionId, at: deps.clock.now(), reason, message, approval });
  const { policyDigest, argumentsDigest } = facts;
  return {
    answer: { result },
    decisionId,
    allowed: false,
    reason,
    policyDigest,
    argumentsDigest,
    approvalId: approval?.approvalId,
  };
}

function factsOf(
  { caller, tool, args, trace, decisionId }: Prepared,
  { decision }: { readonly decision?: CallVerdict["decision"] },
  { policies }: Pick<CallDeps, "policies">,
  approvalId?: string,
): CallFacts {
  return {
    taskId: caller.taskId,
    taskRevision: caller.standing.revision,
    svidSerial: caller.svidSerial,
    server: tool.server,
    tool: tool.tool,
    effect: tool.effect,
    argumentsDigest: args.keyedDigest,
    canonicalDigest: args.digest,
    policyDigest: decision?.bundleDigest ?? policies.bundle?.digest ?? "",
    policyIds: decision?.policyIds ?? [],
    approvalId,
    ...trace,
    decisionId,
  };
}

/** A tool that is in no register is taken for the worst. */
function unregistered(call: IncomingCall, args: CanonicalArguments): Prepared {
  const { name } = call.request;
  const tool: RegisteredTool = {
    server: call.served.register.name,
    tool: name,
    effect: "irreversible",
    resourceArguments: [],
    isUntrusted: true,
  };
  return { ...call, decisionId: randomUUID(), tool, definition: undefined, args };
}

function refuseMisspelt({ caller, tool, args }: Prepared, inputSchema: unknown): void {
  const scope = caller.standing.scope.tools.find((each) => each.server === tool.server && each.tool === tool.tool);
  const limited = [...Object.keys(scope?.arguments ?? {}), ...tool.resourceArguments];
  const misspelt = findMisspelt(args.value, inputSchema, limited);
  if (misspelt === undefined) return;
  throw new HttpRefusal("PARAMS_INVALID", "an argument's name differs from a known one by case only", {
    argument: misspelt.slice(0, 128),
  });
}

const reasons = {
  TOOL_UNKNOWN: "there is no such tool",
  TOOL_QUARANTINED: "the tool's definition is not the one that was approved",
} as const;

function noVerdict(reason: keyof typeof reasons): Pick<CallVerdict, "reason" | "message" | "requestable"> {
  return { reason, message: reasons[reason], requestable: false };
}
