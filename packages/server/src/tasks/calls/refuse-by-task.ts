// SPDX-License-Identifier: Apache-2.0
import { type Effect, type Task, tiers } from "@mayfly/tasks";
import type { TaskRefusalCode } from "../refusal-code.ts";
import type { CallFacts } from "./call-facts.ts";

const effects: readonly Effect[] = ["read", "reversible", "irreversible"];

/**
 * What the server holds against a call whatever its gateway decided: state and deadline of the task, its scope by tool and effect, and
 * that an approval is there where scope or tier ask for one of each call. Arguments are the gateway's to judge: they don't come here.
 */
export function refuseByTask(
  task: Task,
  { server, tool, effect, approvalId, taskRevision }: CallFacts,
  now: Date,
): { readonly refusal: TaskRefusalCode; readonly message: string } | undefined {
  if (task.state !== "active" || now >= task.notAfter) {
    const why = task.state === "active" ? "past its deadline" : task.state;
    return { refusal: "TASK_NOT_ACTIVE", message: `task ${task.id} is ${why}` };
  }
  if (taskRevision !== task.revision) {
    return { refusal: "TASK_CHANGED", message: `task ${task.id} changed since the call was judged: judge it again` };
  }
  const scope = task.scope.tools.find((each) => each.server === server && each.tool === tool);
  if (scope === undefined) return { refusal: "OUT_OF_SCOPE", message: `${server}/${tool} is not in the task's scope` };
  if (scope.notAfter !== undefined && now >= scope.notAfter) {
    return { refusal: "OUT_OF_SCOPE", message: `${server}/${tool} was in the task's scope up to now` };
  }
  const rule = tiers[task.tier].effects[effect];
  if (rule === "refused" || effects.indexOf(effect) > effects.indexOf(scope.effect)) {
    return { refusal: "OUT_OF_SCOPE", message: `a call with ${effect} effect is not in the task's scope` };
  }
  if (approvalId === "" && (rule === "approval" || scope.approval === "always")) {
    return { refusal: "APPROVAL_MISSING", message: `each ${effect} call of ${server}/${tool} takes an approval` };
  }
  return undefined;
}
