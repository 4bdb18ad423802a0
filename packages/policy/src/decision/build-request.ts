// SPDX-License-Identifier: Apache-2.0
import { isCanonicalResource } from "@mayfly/tasks";
import type { CedarRequest, CedarValue, EntityName } from "../engine/cedar.ts";
import { toCedarArguments } from "../engine/cedar-arguments.ts";
import type { Vocabulary } from "../engine/vocabulary.ts";
import { limits } from "../limits.ts";
import type { ApprovalFacts, CallRequest } from "./call-request.ts";
import type { RequestProblem } from "./decision.ts";

/** A request as the policies see it, or why there is none. */
export type BuiltRequest =
  | { readonly inputs: CedarRequest }
  | { readonly refused: RequestProblem; readonly argument?: string | undefined };

/** Turns what is asked into Cedar's terms. Never throws for values of the right types. */
export function buildRequest(request: CallRequest, vocabulary: Vocabulary): BuiltRequest {
  const { tool, principal, action } = request;
  const refused = findProblem(request);
  if (refused !== undefined) return { refused };
  const toolId = `${tool.server}/${tool.tool}`;
  const args = toCedarArguments(vocabulary, request.arguments, toolId);
  if ("refused" in args) return args;
  const { fields } = principal;
  const resource = { type: "Tool", id: toolId };
  const context = buildContext(request, vocabulary.members, { arguments: args.values, undeclared: args.undeclared });
  const entities = [
    ...entityWithin(fields.uid, fields.parents, vocabulary),
    ...entityWithin(resource, [{ type: "ToolServer", id: tool.server }], vocabulary),
  ];
  return { inputs: { principal: fields.uid, action: { type: "Action", id: action }, resource, context, entities } };
}

/** The same request with a verified approval. */
export function withApproval(inputs: CedarRequest, { id, approvers }: ApprovalFacts): CedarRequest {
  return { ...inputs, context: { ...inputs.context, approval: { id, approvers } } };
}

function findProblem({ tool, resources, approval, now }: CallRequest): RequestProblem | undefined {
  if (![tool.server, tool.tool].every(isToolName)) return "TOOL_NAME_INVALID";
  if (resources.length > limits.resources) return "TOO_MANY_RESOURCES";
  if (!resources.every(isCanonicalResource)) return "RESOURCE_NOT_CANONICAL";
  if (Number.isNaN(now.getTime())) return "TIME_INVALID";
  if (
    approval !== undefined &&
    !(Number.isSafeInteger(approval.approvers) && approval.id.length <= limits.nameLength)
  ) {
    return "APPROVAL_INVALID";
  }
  return undefined;
}

/** Names that no two readers read differently; no slash, so that `server/tool` has one meaning. */
function isToolName(name: string): boolean {
  return name.length <= limits.nameLength && /^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(name);
}

function buildContext(
  { principal, tool, scope, resources, approval, untrusted, now }: CallRequest,
  members: ReadonlySet<string>,
  args: { readonly arguments: CedarValue; readonly undeclared: CedarValue },
): CedarRequest["context"] {
  const { tier, depth } = principal.fields;
  const values: Record<string, CedarValue | undefined> = {
    now: members.has("now") ? { __extn: { fn: "datetime", arg: now.toISOString() } } : undefined,
    effect: tool.effect,
    tier,
    depth,
    scope: { within: scope.inScope, asks: scope.requestable },
    ...args,
    resources,
    path: resources.length === 1 ? resources[0] : undefined,
    approval: approval === undefined ? undefined : { id: approval.id, approvers: approval.approvers },
    untrusted,
  };
  const context: Record<string, CedarValue> = {};
  for (const name of members) {
    const value = values[name];
    if (value !== undefined) context[name] = value;
  }
  return context;
}

/** All ancestors are told as parents, so that none needs an entity of its own; without any, nor does this one. */
function entityWithin(
  uid: EntityName,
  ancestors: readonly EntityName[],
  { speaksOf }: Vocabulary,
): CedarRequest["entities"] {
  const parents = ancestors.filter(({ type }) => speaksOf(type));
  return parents.length === 0 ? [] : [{ uid, attrs: {}, parents }];
}
