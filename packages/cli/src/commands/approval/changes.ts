// SPDX-License-Identifier: Apache-2.0
import type { ApprovalMessage } from "@mayfly/rpc";
import { type Effect, judgeCall, parseScope, type Scope, type ScopeProblem } from "@mayfly/tasks";
import type { ServerConnection } from "../../connection.ts";
import { CliFailure } from "../../failure.ts";

function valueAt(value: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>(
      (part, name) =>
        typeof part === "object" && part !== null && Object.hasOwn(part, name)
          ? (part as Readonly<Record<string, unknown>>)[name]
          : undefined,
      value,
    );
}

function problemText(
  { code, argument }: ScopeProblem,
  { args, limits }: { readonly args: unknown; readonly limits: Readonly<Record<string, unknown>> },
): string {
  if (argument === undefined) return code;
  return `${argument} is ${JSON.stringify(valueAt(args, argument))}, the task's limit is ${JSON.stringify(limits[argument])}`;
}

function liftedLimits(scope: Scope, { server, tool, arguments_json }: ApprovalMessage): string[] {
  const args = JSON.parse(arguments_json) as Readonly<Record<string, unknown>>;
  const named = scope.tools.find((each) => each.server === server && each.tool === tool);
  const effect: Effect = named?.effect ?? "irreversible";
  const verdict = judgeCall(scope, { server, tool, effect, resources: [], arguments: args, at: new Date() });
  const limits = named?.arguments ?? {};
  // Which resources a call names is known to the gateway only.
  const problems = verdict.problems.filter(({ code }) => code !== "RESOURCE_MISSING");
  if (problems.length > 0) return problems.map((problem) => problemText(problem, { args, limits }));
  return [`the task may do this, and asks a person each time (${effect})`];
}

/** What an approval would change, from the task's own scope: which limits the call is over. Told from records, not by the agent. */
export async function changesOf(server: ServerConnection, approval: ApprovalMessage): Promise<string[]> {
  const once = "one call with exactly these arguments is let through, once";
  try {
    const { task } = await server.call("tasks", "GetTask", { id: approval.task_id });
    if (task === null) return [once];
    return [once, ...liftedLimits(parseScope(JSON.parse(task.scope_json)), approval)];
  } catch (error) {
    if (!(error instanceof CliFailure)) throw error;
    return [once, `what the task is limited to can't be seen (${error.code})`];
  }
}
