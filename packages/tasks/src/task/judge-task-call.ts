// SPDX-License-Identifier: Apache-2.0
import { judgeCall, type ScopeProblem, type ToolCall } from "../scope/judge-call.ts";
import type { ToolScope } from "../scope/scope.ts";
import { tiers } from "../tier.ts";
import type { Task } from "./task.ts";

/** Why a task may not make a call. */
export interface CallProblem {
  readonly code: ScopeProblem["code"] | "TASK_NOT_ACTIVE" | "EFFECT_REFUSED";
  /** Path of the argument. */
  readonly argument?: string | undefined;
}

/** What a task's state, scope and tier say to one call together. Policy, budget and an approval itself come on top. */
export interface CallVerdict {
  /** `approval-needed`: it goes with an approval of exactly this call, and not without. */
  readonly decision: "allowed" | "approval-needed" | "refused";
  /** The part of the scope that covers the tool; undefined = the tool is not in scope. */
  readonly tool?: ToolScope | undefined;
  /** Why it does not go alone as far as limits are concerned; empty where only a clause or the tier asks for an approval. */
  readonly problems: readonly CallProblem[];
}

/**
 * Judges one call of a task: the only place where scope and tier meet. The tier can only be stricter than the scope. Never throws; what
 * can't be judged is refused.
 */
export function judgeTaskCall(task: Pick<Task, "state" | "scope" | "tier" | "notAfter">, call: ToolCall): CallVerdict {
  const { tool, inScope, requestable, problems } = judgeCall(task.scope, call);
  const rule = tiers[task.tier].effects[call.effect];
  const own: CallProblem[] = [];
  if (task.state !== "active" || !(call.at < task.notAfter)) own.push({ code: "TASK_NOT_ACTIVE" });
  if (rule === "refused") own.push({ code: "EFFECT_REFUSED" });
  const all = { tool, problems: [...own, ...problems] };
  if (own.length > 0 || (!inScope && !requestable)) return { decision: "refused", ...all };
  return { decision: requestable || rule === "approval" ? "approval-needed" : "allowed", ...all };
}
