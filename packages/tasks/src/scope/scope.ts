// SPDX-License-Identifier: Apache-2.0

/** What a call may do to the world, from our own register of tools, never from the tool's word: nothing, something that can be undone, anything. */
export type Effect = "read" | "reversible" | "irreversible";

/** Effects, weakest first. */
export const effects: readonly Effect[] = ["read", "reversible", "irreversible"];

/** A value of JSON without parts. */
export type Scalar = string | number | boolean | null;

/**
 * What one argument has to be; exactly one kind. All but `absent` ask that the argument is there.
 * - `equals`, `oneOf`: of the same type and value.
 * - `prefix`: text that begins so and hides no other path: no empty, `.` or `..` segment, no `\`, `%` or control character.
 * - `min`, `max`: a number within both, inclusive; `integer`: and whole.
 * - `maxLength`: text of at most so many Unicode code points.
 * - `absent`: the argument must not be there.
 */
export type ArgumentLimit =
  | { readonly equals: Scalar }
  | { readonly oneOf: readonly Scalar[] }
  | { readonly prefix: string }
  | { readonly min?: number | undefined; readonly max?: number | undefined; readonly integer?: true | undefined }
  | { readonly maxLength: number }
  | { readonly absent: true };

/**
 * Which resources a call may name. Canonical paths, segments apart by `/`: `orders/eu` as a prefix covers itself and `orders/eu/7`, not
 * `orders/europe`. A set covers its members only.
 */
export type ResourceLimit = { readonly prefix: string } | { readonly set: readonly string[] };

/**
 * When a person has to approve. `always`: each call. `never`: none, and what is over an argument limit stays refused. `over-limit`: calls
 * over an argument limit, and only those; the one value that lets an approval lift a limit.
 */
export type ApprovalClause = "always" | "never" | "over-limit";

/** Clauses: what one lets pass without a person, and what with one, grows from left to right. */
export const clauses: readonly ApprovalClause[] = ["always", "never", "over-limit"];

/** What a task may do with one tool. */
export interface ToolScope {
  /** Name of the tool server. */
  readonly server: string;
  readonly tool: string;
  /** The strongest effect that a call may have. */
  readonly effect: Effect;
  /** undefined = any resource. */
  readonly resources?: ResourceLimit | undefined;
  /** By path: member names with dots between, such as `customer.id`. Arguments that are not named are not limited. */
  readonly arguments?: Readonly<Record<string, ArgumentLimit>> | undefined;
  /** Calls by the task and all of its descendants together; undefined = any number. */
  readonly maxCalls?: number | undefined;
  readonly notAfter?: Date | undefined;
  /** Default `never`. */
  readonly approval?: ApprovalClause | undefined;
}

/** What a task may do: these tools, each once, and nothing else. Empty = nothing. */
export interface Scope {
  readonly tools: readonly ToolScope[];
}

/** The scope of one tool, found by exact name. */
export function findTool(scope: Scope, server: string, tool: string): ToolScope | undefined {
  return scope.tools.find((each) => each.server === server && each.tool === tool);
}

/** Whether an effect is at most another. */
export function isEffectAtMost(effect: Effect, limit: Effect): boolean {
  return effects.indexOf(effect) <= effects.indexOf(limit);
}
