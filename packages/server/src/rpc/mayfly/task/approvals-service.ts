// SPDX-License-Identifier: Apache-2.0
import type {
  ApprovalMessage,
  ListApprovalsRequest,
  ListApprovalsResponse,
  MayflyApprovalsMethods,
  PinnedToolMessage,
  Sent,
} from "@mayfly/rpc";
import { type Approval, approvalPayload, type ApprovalState, parseTaskId, type PinnedTool } from "@mayfly/tasks";
import { decide, requireApproval } from "../../../tasks/approvals/decide.ts";
import { type Actor, actorOf, maySee, requireAnyAdmin } from "../../../tasks/callers/actor.ts";
import { approveTool } from "../../../tasks/calls/approve-tool.ts";
import type { TaskLayer } from "../../../tasks/task-layer.ts";
import type { GuardedHandlers } from "../../call.ts";
import { invalidArgument, notFound } from "../../wire/refusal.ts";
import { cutPage, onePast, pageOf, parseListPage, refuseToken } from "./list-page.ts";

const states: readonly ApprovalState[] = ["pending", "approved", "denied", "consumed", "expired", "void"];

function toApprovalMessage({ request, argumentsJson, state, votes }: Approval): Sent<ApprovalMessage> {
  return {
    id: request.id,
    task_id: request.taskId,
    server: request.server,
    tool: request.tool,
    arguments_json: argumentsJson,
    payload: Buffer.from(approvalPayload(request, "approve")).toString("utf8"),
    deny_payload: Buffer.from(approvalPayload(request, "deny")).toString("utf8"),
    state,
    requested_at_ms: String(request.requestedAt.getTime()),
    not_after_ms: String(request.notAfter.getTime()),
    requester: request.requester,
    owner: request.owner,
    approvers: votes.filter(({ decision }) => decision === "approve").map(({ operator }) => operator),
    approvals_needed: request.approvers,
    policy_digest: request.policyDigest,
  };
}

async function list(
  { stores }: TaskLayer,
  actor: Actor,
  request: ListApprovalsRequest,
): Promise<Sent<ListApprovalsResponse>> {
  const { state, task_id: taskId } = request;
  const wanted = states.find((each) => each === state);
  if (state !== "" && wanted === undefined) throw invalidArgument(`no state ${JSON.stringify(state)}`);
  const filter = { ...(wanted && { state: wanted }), ...(taskId !== "" && { taskId: parseTaskId(taskId) }) };
  const page = parseListPage(request);
  if (page.after !== undefined && (await stores.approvals.get(page.after)) === undefined) throw refuseToken();
  const { messages, next } = cutPage(await stores.approvals.list(filter, onePast(page)), page.limit, {
    token: (approval) => approval.request.id,
    message: (approval) => (maySee(actor, approval.request.agent) ? toApprovalMessage(approval) : undefined),
  });
  return { approvals: messages, next_page_token: next };
}

const toolStates = ["pinned", "quarantined"] as const;

function toToolMessage(tool: PinnedTool): Sent<PinnedToolMessage> {
  return {
    server: tool.server,
    tool: tool.tool,
    digest: tool.digest,
    seen_digest: tool.seenDigest,
    state: tool.state,
    pinned_by: tool.pinnedBy,
    pinned_at_ms: String(tool.pinnedAt.getTime()),
    seen_at_ms: String(tool.seenAt.getTime()),
  };
}

/** Approvals and definitions of tools, for people. */
export function approvalsHandlers(layer: TaskLayer): GuardedHandlers<MayflyApprovalsMethods> {
  return {
    ListApprovals: async (request, { caller }) => await list(layer, actorOf(caller), request),
    GetApproval: async ({ id }, { caller }) => toApprovalMessage(await requireApproval(layer, actorOf(caller), id)),
    ListTools: async (request, { caller }) => {
      const { state } = request;
      const wanted = toolStates.find((each) => each === state);
      if (state !== "" && wanted === undefined) throw invalidArgument(`no state ${JSON.stringify(state)}`);
      requireAnyAdmin(actorOf(caller));
      const tools = await layer.stores.tools.list({ ...(wanted && { state: wanted }) });
      const { messages, next } = pageOf(tools, parseListPage(request), {
        token: ({ server, tool }) => `${server}/${tool}`,
        message: toToolMessage,
      });
      return { tools: messages, next_page_token: next };
    },
    GetTool: async ({ server, tool }, { caller }) => {
      requireAnyAdmin(actorOf(caller));
      const { tools } = layer.stores;
      const [found, both] = [await tools.get(server, tool), await tools.definitions(server, tool)];
      if (found === undefined || both === undefined)
        throw notFound(`no gateway ever saw the tool ${JSON.stringify(`${server}/${tool}`)}`);
      return { tool: toToolMessage(found), definition_json: both.trusted, seen_definition_json: both.seen };
    },
    ApproveTool: async (request, { caller }) => toToolMessage(await approveTool(layer, actorOf(caller), request)),
    DecideApproval: async (request, { caller }) => toApprovalMessage(await decide(layer, actorOf(caller), request)),
  };
}
