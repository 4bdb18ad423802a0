// SPDX-License-Identifier: Apache-2.0
import type { CallRequest, PolicyAction } from "../decision/call-request.ts";
import type { Decision } from "../decision/decision.ts";
import { AuthZenError } from "./authzen-error.ts";
import { type AuthZenDecision, type AuthZenEvaluation, object } from "./evaluation.ts";

/** What an AuthZEN request says of a call. Effect, scope, tier, approval and time are not in it: they come from our own side. */
export interface NamedCall {
  /** Who is said to ask: to be compared with who is connected, never used instead. */
  readonly subject: { readonly type: "agent" | "task" | "operator"; readonly id: string };
  readonly action: PolicyAction;
  readonly server: string;
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly resources: readonly string[];
}

const subjectTypes = ["agent", "task", "operator"] as const;

/**
 * Reads a call: subject `agent` (SPIFFE ID), `task` or `operator`; action `call` with `properties.arguments`, or `list`; resource of type
 * `tool`, id `server/tool`, with `properties.resources`.
 * @throws {AuthZenError} NOT_OURS, MALFORMED
 */
export function readCall({ subject, action, resource }: AuthZenEvaluation): NamedCall {
  const type = subjectTypes.find((each) => each === subject.type);
  const [server = "", tool = "", ...more] = resource.id.split("/");
  const { name, properties = {} } = action;
  if (type === undefined) throw new AuthZenError("NOT_OURS", `subject.type is none of ${subjectTypes.join(", ")}`);
  if (name !== "call" && name !== "list") throw new AuthZenError("NOT_OURS", "action.name is neither call nor list");
  if (resource.type !== "tool" || server === "" || tool === "" || more.length > 0) {
    throw new AuthZenError("NOT_OURS", "resource is no tool with an id like server/tool");
  }
  const args = object(properties["arguments"] ?? {}, "action.properties.arguments");
  const resources = readResources(resource.properties?.["resources"]);
  return { subject: { type, id: subject.id }, action: name, server, tool, arguments: args, resources };
}

/** The AuthZEN request that says the same as a call; `readCall` reads it back. */
export function evaluationOfCall(request: CallRequest): AuthZenEvaluation {
  const { uid } = request.principal.fields;
  return {
    subject: { type: uid.type.toLowerCase(), id: uid.id },
    action: { name: request.action, properties: { arguments: request.arguments } },
    resource: {
      type: "tool",
      id: `${request.tool.server}/${request.tool.tool}`,
      properties: { resources: request.resources },
    },
    context: { time: request.now.toISOString() },
  };
}

/** A decision as the asker may see it: reason and bundle; no policy's error text, no inputs. */
export function decisionAnswer({
  allowed,
  reason,
  argument,
  policyIds,
  bundleDigest,
  requestable,
}: Decision): AuthZenDecision {
  const context = {
    reason,
    policies: policyIds,
    bundle: bundleDigest,
    ...(argument === undefined ? {} : { argument }),
    ...(allowed ? {} : { requestable }),
  };
  return { decision: allowed, context };
}

function readResources(value: unknown): readonly string[] {
  if (value === undefined) return [];
  if (Array.isArray(value) && value.every((each): each is string => typeof each === "string")) return value;
  throw new AuthZenError("MALFORMED", "resource.properties.resources has to be a list of texts");
}
