// SPDX-License-Identifier: Apache-2.0
import { type AuthZenDecision, type AuthZenEvaluation, decisionAnswer, Principal, readCall } from "@mayfly/policy";
import { SpiffeId } from "@mayfly/spiffe";
import { isTaskId } from "@mayfly/tasks";
import type { Clock } from "../clock.ts";
import { decideCall, decideList, type Policies } from "../decision/decide-call.ts";
import { canonicalise } from "../calls/digests.ts";
import type { LiveTask, StandingTable } from "../tasks/standing-table.ts";
import type { ToolRegister } from "../tools/tool-register.ts";

/** What questions of other enforcement points are answered from. */
export interface EvaluationDeps {
  readonly table: StandingTable;
  readonly register: ToolRegister;
  readonly policies: Policies;
  readonly clock: Clock;
  readonly digestKey: Uint8Array;
  readonly maxArgumentBytes: number;
}

/**
 * Answers one question about a task. The enforcement point vouches that it has seen the subject's certificate; scope, tier and state are
 * those on record here, and nothing of the context counts. No budget or approval is taken.
 * @throws {AuthZenError} NOT_OURS, MALFORMED; {HttpRefusal} PARAMS_INVALID
 */
export function decideEvaluation(evaluation: AuthZenEvaluation, deps: EvaluationDeps): AuthZenDecision {
  const { table, register, policies, clock } = deps;
  const call = readCall(evaluation);
  const { subject, server, action } = call;
  if (subject.type !== "task" || !isTaskId(subject.id)) return refused("SUBJECT_UNKNOWN");
  const task = table.judge(subject.id);
  if (typeof task === "string") return refused(task);
  const tool = register.get(server)?.tools.get(call.tool);
  if (tool === undefined) return refused("TOOL_UNKNOWN");
  const common = { principal: vouchedPrincipal(task), standing: task.standing, tool, now: clock.now() };
  if (action === "list") return decideList(common, policies) ? { decision: true } : refused("NOT_SHOWN");
  const { value } = canonicalise(call.arguments, { key: deps.digestKey, maxBytes: deps.maxArgumentBytes });
  const verdict = decideCall({ ...common, arguments: value, resources: call.resources }, policies);
  const { context } = decisionAnswer(verdict.decision);
  const { allowed: decision, reason, requestable } = verdict;
  return { decision, context: { ...context, reason, ...(decision ? {} : { requestable }) } };
}

/** The principal by the identity on record. There is no connection of its own: the enforcement point has it. */
function vouchedPrincipal({ standing, ancestors }: LiveTask): Principal {
  const { id, agent, owner, tier, depth, spiffeId } = standing;
  return Principal.vouched(SpiffeId.parse(spiffeId), { id, agent, owner, tier, depth, ancestors });
}

function refused(reason: string): AuthZenDecision {
  return { decision: false, context: { reason, requestable: false } };
}
