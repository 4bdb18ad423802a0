// SPDX-License-Identifier: Apache-2.0
import type { CallRequest, Decision, Principal } from "@mayfly/policy";
import { type CallProblem, judgeTaskCall, tiers } from "@mayfly/tasks";
import type { TaskStanding } from "../ports/task-feed.ts";
import { callResources } from "../tools/call-resources.ts";
import type { RegisteredTool } from "../tools/tool-register.ts";

/** Who decides by policy: a `PolicyStore`. */
export interface Policies {
  /** What is in force. */
  readonly bundle: { readonly digest: string } | undefined;
  authorize(request: CallRequest): Decision;
}

/** One question. Nothing in it but the arguments comes from the agent. */
export interface CallQuestion {
  readonly principal: Principal;
  readonly standing: TaskStanding;
  readonly tool: RegisteredTool;
  readonly arguments: Readonly<Record<string, unknown>>;
  /** Of resources that the arguments do not name; for other enforcement points. */
  readonly resources?: readonly string[] | undefined;
  /** Id of the approval that will be spent on this call: the ledger refuses the call when it is not one. */
  readonly approvalId?: string | undefined;
  /** Whether a tool that returns anybody's words was called in the task's tree. */
  readonly untrusted: boolean;
  readonly now: Date;
}

/** A yes, a no, or a no that an approval would turn; with what it rests on. */
export interface CallVerdict {
  readonly allowed: boolean;
  readonly requestable: boolean;
  /** Stable; the scope's, the tier's or the policy's. */
  readonly reason: string;
  /** For people; names arguments, never values. */
  readonly message: string;
  readonly decision: Decision;
}

/** Whether a tool is shown. */
export type ListVerdict = Pick<Decision, "allowed" | "policyIds">;

/** Decides on one call: the task's own limits, then policy as the ceiling. Each can refuse, none can overrule the other. */
export function decideCall(question: CallQuestion, policies: Policies): CallVerdict {
  const { principal, standing, tool, approvalId, untrusted, now } = question;
  const { server, effect } = tool;
  const resources = [...callResources(question.arguments, tool.resourceArguments), ...(question.resources ?? [])];
  const call = { server, tool: tool.tool, effect, resources, arguments: question.arguments, at: now };
  const { decision: own, problems } = judgeTaskCall({ ...standing, state: "active" }, call);
  const { approvers } = tiers[standing.tier];
  const decision = policies.authorize({
    principal,
    action: "call",
    tool: { server, tool: tool.tool, effect },
    arguments: question.arguments,
    resources,
    scope: { inScope: own !== "refused" && problems.length === 0, requestable: own === "approval-needed" },
    // The server counts an approval as given only with the signatures of this many people.
    ...(approvalId === undefined ? {} : { approval: { id: approvalId, approvers } }),
    untrusted,
    now,
  });
  const isApproved = approvalId !== undefined;
  const allowed = decision.allowed && (own === "allowed" || (own === "approval-needed" && isApproved));
  const requestable = !allowed && !isApproved && own !== "refused" && (decision.allowed || decision.requestable);
  return { allowed, requestable, decision, ...why({ allowed, requestable, decision, problems }) };
}

/** Whether a task sees a tool in the list, and by which policies. */
export function decideList(
  question: Pick<CallQuestion, "principal" | "standing" | "tool" | "now">,
  policies: Policies,
): ListVerdict {
  const { principal, standing, now } = question;
  const { server, tool, effect } = question.tool;
  const inScope = standing.scope.tools.some((each) => each.server === server && each.tool === tool);
  const scope = { inScope, requestable: false };
  const facts = { server, tool, effect };
  if (!inScope) return { allowed: false, policyIds: [] };
  return policies.authorize({ principal, action: "list", tool: facts, arguments: {}, resources: [], scope, now });
}

function why(found: {
  readonly allowed: boolean;
  readonly requestable: boolean;
  readonly decision: Decision;
  readonly problems: readonly CallProblem[];
}): Pick<CallVerdict, "reason" | "message"> {
  const { allowed, requestable, decision, problems } = found;
  if (allowed) return { reason: decision.reason, message: "allowed" };
  if (requestable)
    return { reason: "APPROVAL_NEEDED", message: describe(problems) ?? "a person has to approve this call" };
  const [problem] = problems;
  if (problem !== undefined) return { reason: problem.code, message: describe(problems) ?? "" };
  return { reason: decision.reason, message: "the policy does not allow this call" };
}

function describe(problems: readonly CallProblem[]): string | undefined {
  if (problems.length === 0) return undefined;
  const each = problems.map(({ code, argument }) => (argument === undefined ? code : `${code} (${argument})`));
  return `outside of what the task may do: ${each.slice(0, 8).join(", ")}`;
}
