// SPDX-License-Identifier: Apache-2.0
import { type ArgumentVerdict, judgeArgument } from "./argument-limit.ts";
import { coversResource, isCanonicalResource } from "./resource.ts";
import { type Effect, findTool, isEffectAtMost, type Scope, type ToolScope } from "./scope.ts";

/** A call as the gateway read it: from the body that the tool will get, not from headers. */
export interface ToolCall {
  readonly server: string;
  readonly tool: string;
  /** From our own register of tools. */
  readonly effect: Effect;
  /** Every resource that the call touches, in canonical form. */
  readonly resources: readonly string[];
  /** JSON. */
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly at: Date;
}

/**
 * Why a call is not in scope: `TOOL_NOT_IN_SCOPE` no such tool of that server · `EFFECT_TOO_STRONG` it does more than the scope allows ·
 * `SCOPE_EXPIRED` the tool was allowed for a time that is over · `RESOURCE_MISSING` the scope names resources, the call none ·
 * `RESOURCE_NOT_CANONICAL` a name that could mean another resource · `RESOURCE_NOT_IN_SCOPE` not below the prefix, or not of the set ·
 * `ARGUMENT_MISSING` an argument with a limit is not there · `ARGUMENT_WRONG_TYPE` not comparable with its limit · `ARGUMENT_FORBIDDEN`
 * must be absent · `ARGUMENT_OVER_LIMIT` the one thing that an approval may lift.
 */
export type ScopeProblemCode =
  | "TOOL_NOT_IN_SCOPE"
  | "EFFECT_TOO_STRONG"
  | "SCOPE_EXPIRED"
  | "RESOURCE_MISSING"
  | "RESOURCE_NOT_CANONICAL"
  | "RESOURCE_NOT_IN_SCOPE"
  | "ARGUMENT_MISSING"
  | "ARGUMENT_WRONG_TYPE"
  | "ARGUMENT_FORBIDDEN"
  | "ARGUMENT_OVER_LIMIT";

/** One reason. Names the argument, never its value. */
export interface ScopeProblem {
  readonly code: ScopeProblemCode;
  /** Path of the argument. */
  readonly argument?: string | undefined;
}

/** What a scope says to one call. Counting calls is the budget's, the tier's rule and policy come on top. */
export interface ScopeVerdict {
  /** All limits hold. It may still need an approval. */
  readonly inScope: boolean;
  /** The scope asks a person about this call: in scope with the clause `always`, or over a limit with `over-limit`. */
  readonly requestable: boolean;
  /** The part that covers the tool; undefined = the tool is not in scope. */
  readonly tool?: ToolScope | undefined;
  /** Empty when in scope. */
  readonly problems: readonly ScopeProblem[];
}

const argumentProblems: Readonly<Record<Exclude<ArgumentVerdict, "within">, ScopeProblemCode>> = {
  over: "ARGUMENT_OVER_LIMIT",
  type: "ARGUMENT_WRONG_TYPE",
  missing: "ARGUMENT_MISSING",
  forbidden: "ARGUMENT_FORBIDDEN",
};

/** Judges one call. Never throws; what can't be judged is not in scope. */
export function judgeCall(scope: Scope, call: ToolCall): ScopeVerdict {
  const tool = findTool(scope, call.server, call.tool);
  if (tool === undefined) return { inScope: false, requestable: false, problems: [{ code: "TOOL_NOT_IN_SCOPE" }] };
  const problems = [...standingProblems(tool, call), ...resourceProblems(tool, call), ...limitProblems(tool, call)];
  const inScope = problems.length === 0;
  const isOverLimitOnly = !inScope && problems.every(({ code }) => code === "ARGUMENT_OVER_LIMIT");
  const requestable = inScope ? tool.approval === "always" : isOverLimitOnly && tool.approval === "over-limit";
  return { inScope, requestable, tool, problems };
}

function standingProblems(tool: ToolScope, call: ToolCall): ScopeProblem[] {
  const problems: ScopeProblem[] = [];
  if (!isEffectAtMost(call.effect, tool.effect)) problems.push({ code: "EFFECT_TOO_STRONG" });
  // An instant that is none compares false and is refused.
  if (tool.notAfter !== undefined && !(call.at < tool.notAfter)) problems.push({ code: "SCOPE_EXPIRED" });
  return problems;
}

function resourceProblems({ resources: limit }: ToolScope, { resources }: ToolCall): ScopeProblem[] {
  if (limit === undefined) return [];
  if (resources.length === 0) return [{ code: "RESOURCE_MISSING" }];
  if (!resources.every(isCanonicalResource)) return [{ code: "RESOURCE_NOT_CANONICAL" }];
  return resources.every((name) => coversResource(limit, name)) ? [] : [{ code: "RESOURCE_NOT_IN_SCOPE" }];
}

function limitProblems(tool: ToolScope, call: ToolCall): ScopeProblem[] {
  return Object.entries(tool.arguments ?? {}).flatMap(([argument, limit]) => {
    const verdict = judgeArgument(limit, argumentAt(call.arguments, argument));
    return verdict === "within" ? [] : [{ code: argumentProblems[verdict], argument }];
  });
}

/** undefined = not there. A list or a scalar on the way is given as it is: it fits no limit, and is not absent either. */
function argumentAt(args: Readonly<Record<string, unknown>>, path: string): unknown {
  let value: unknown = args;
  for (const name of path.split(".")) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return blocked;
    if (!Object.hasOwn(value, name)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return value;
}

const blocked: readonly never[] = [];
