// SPDX-License-Identifier: Apache-2.0
import { isArgumentLimitNarrower, isLiftNarrower } from "./argument-limit.ts";
import { isResourceLimitNarrower } from "./resource.ts";
import { clauses, findTool, isEffectAtMost, type Scope, type ToolScope } from "./scope.ts";

/** Whether a scope is within another; if not, the first thing by which it is wider. */
export type Narrowing =
  | { readonly narrower: true }
  | {
      readonly narrower: false;
      /** Where in the child's scope: `orders/refund: arguments.amount`. */
      readonly path: string;
    };

/**
 * Whether every call that `child` takes, alone or with an approval, is one that `parent` takes so: child ⊆ parent. Decided on the scopes,
 * for all calls at once; in doubt the child is wider.
 */
export function isNarrower(child: Scope, parent: Scope): Narrowing {
  for (const tool of child.tools) {
    const name = `${tool.server}/${tool.tool}`;
    const limit = findTool(parent, tool.server, tool.tool);
    if (limit === undefined) return { narrower: false, path: name };
    const wider = widening(tool, limit);
    if (wider !== undefined) return { narrower: false, path: `${name}: ${wider}` };
  }
  return { narrower: true };
}

/** The member by which a tool's scope is wider. */
function widening(child: ToolScope, parent: ToolScope): string | undefined {
  if (!isEffectAtMost(child.effect, parent.effect)) return "effect";
  if (parent.resources !== undefined) {
    if (child.resources === undefined) return "resources";
    if (!isResourceLimitNarrower(child.resources, parent.resources)) return "resources";
  }
  if (!isAtMost(child.maxCalls, parent.maxCalls)) return "maxCalls";
  if (!isAtMost(child.notAfter?.getTime(), parent.notAfter?.getTime())) return "notAfter";
  if (clauses.indexOf(child.approval ?? "never") > clauses.indexOf(parent.approval ?? "never")) return "approval";
  for (const [path, limit] of Object.entries(parent.arguments ?? {})) {
    const own =
      child.arguments !== undefined && Object.hasOwn(child.arguments, path) ? child.arguments[path] : undefined;
    if (own === undefined || !isArgumentLimitNarrower(own, limit)) return `arguments.${path}`;
    if (child.approval === "over-limit" && !isLiftNarrower(own, limit)) return `arguments.${path}`;
  }
  return undefined;
}

function isAtMost(child: number | undefined, parent: number | undefined): boolean {
  return parent === undefined || (child !== undefined && child <= parent);
}
