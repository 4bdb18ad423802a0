// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from "node:crypto";
import {
  type AuthZenDecision,
  type AuthZenEvaluation,
  decisionAnswer,
  type NamedCall,
  Principal,
  readCall,
} from "@mayfly/policy";
import { SpiffeId } from "@mayfly/spiffe";
import { isTaskId } from "@mayfly/tasks";
import type { Clock } from "../clock.ts";
import { decideCall, decideList, type Policies } from "../decision/decide-call.ts";
import type { DecisionRecord } from "../decision/decision-record.ts";
import { canonicalise } from "../calls/digests.ts";
import type { PlainDecision } from "../ports/call-ledger.ts";
import type { LiveTask, StandingTable } from "../tasks/standing-table.ts";
import type { UntrustedTasks } from "../tasks/untrusted-tasks.ts";
import type { ToolRegister } from "../tools/tool-register.ts";

/** What questions of other enforcement points are answered from. */
export interface EvaluationDeps {
  readonly table: StandingTable;
  readonly register: ToolRegister;
  readonly policies: Policies;
  readonly decisions: DecisionRecord;
  readonly untrusted: UntrustedTasks;
  readonly clock: Clock;
  readonly digestKey: Uint8Array;
  readonly maxArgumentBytes: number;
}

/** An answer with what it rests on. */
interface Judged extends Pick<PlainDecision, "reasons" | "argumentsDigest"> {
  readonly answer: AuthZenDecision;
  readonly policyIds?: readonly string[] | undefined;
}

/**
 * Answers one question about a task, and records it; `evaluation_id` of the context is the decision's id there. The enforcement point
 * vouches that it has seen the subject's certificate; scope, tier and state are those on record here, and nothing of the context counts.
 * No budget or approval is taken.
 * @throws {AuthZenError} NOT_OURS, MALFORMED; {HttpRefusal} PARAMS_INVALID
 */
export async function decideEvaluation(evaluation: AuthZenEvaluation, deps: EvaluationDeps): Promise<AuthZenDecision> {
  const call = readCall(evaluation);
  const { subject, server, tool } = call;
  const taskId = subject.type === "task" && isTaskId(subject.id) ? subject.id : undefined;
  const task = taskId === undefined ? "SUBJECT_UNKNOWN" : deps.table.judge(taskId);
  const { answer, policyIds = [], ...rest } = typeof task === "string" ? no(task) : judge(call, task, deps);
  const standing = typeof task === "string" ? undefined : task.standing;
  const decision: PlainDecision = {
    ...rest,
    kind: "evaluation",
    taskId,
    subject: standing?.spiffeId,
    server,
    tool,
    allowed: answer.decision,
    policyDigest: deps.policies.bundle?.digest ?? "",
    policyIds,
    decisionId: randomUUID(),
  };
  const mayStand = await deps.decisions.mayStand(decision, standing?.tier ?? "T0");
  const { decision: allowed, context } = mayStand ? answer : no("RECORD_UNAVAILABLE").answer;
  return { decision: allowed, context: { evaluation_id: decision.decisionId, ...context } };
}

function judge(call: NamedCall, task: LiveTask, { register, policies, clock, ...deps }: EvaluationDeps): Judged {
  const tool = register.get(call.server)?.tools.get(call.tool);
  if (tool === undefined) return no("TOOL_UNKNOWN");
  const common = { principal: vouchedPrincipal(task), standing: task.standing, tool, now: clock.now() };
  if (call.action === "list") {
    const { allowed, policyIds } = decideList(common, policies);
    return allowed ? { answer: { decision: true }, reasons: [], policyIds } : { ...no("NOT_SHOWN"), policyIds };
  }
  const { value, keyedDigest } = canonicalise(call.arguments, { key: deps.digestKey, maxBytes: deps.maxArgumentBytes });
  const untrusted = deps.untrusted.has(task.ancestors.at(-1) ?? task.standing.id);
  const verdict = decideCall({ ...common, arguments: value, resources: call.resources, untrusted }, policies);
  const { context } = decisionAnswer(verdict.decision);
  const { allowed: decision, reason, requestable } = verdict;
  return {
    answer: { decision, context: { ...context, reason, ...(decision ? {} : { requestable }) } },
    reasons: [reason],
    argumentsDigest: keyedDigest,
    policyIds: verdict.decision.policyIds,
  };
}

/** The principal by the identity on record. There is no connection of its own: the enforcement point has it. */
function vouchedPrincipal({ standing, ancestors }: LiveTask): Principal {
  const { id, agent, owner, tier, depth, spiffeId } = standing;
  return Principal.vouched(SpiffeId.parse(spiffeId), { id, agent, owner, tier, depth, ancestors });
}

function no(reason: string): Judged {
  return { answer: { decision: false, context: { reason, requestable: false } }, reasons: [reason] };
}
