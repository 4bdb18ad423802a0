// SPDX-License-Identifier: Apache-2.0
import type {
  ChangeTaskRequest,
  EndProgress,
  EndTaskRequest,
  GetTaskResponse,
  GrantMessage,
  KillRequest,
  ListTasksRequest,
  ListTasksResponse,
  MayflyTasksMethods,
  Sent,
} from "@mayfly/rpc";
import { isTaskId, type Task, type TaskState } from "@mayfly/tasks";
import { actorOf, maySee, requireRole } from "../../../tasks/callers/actor.ts";
import { changeTask } from "../../../tasks/lifecycle/change-task.ts";
import { endTasks } from "../../../tasks/lifecycle/end-tasks.ts";
import { requireTask, requireTaskFor } from "../../../tasks/lifecycle/find-task.ts";
import { kill } from "../../../tasks/lifecycle/kill.ts";
import { startChildTask, startRootTask } from "../../../tasks/lifecycle/start-task.ts";
import type { TaskLayer } from "../../../tasks/task-layer.ts";
import type { Call, GuardedHandlers } from "../../call.ts";
import { invalidArgument } from "../../wire/refusal.ts";
import { followEnd } from "./end-progress.ts";
import { cutPage, fitting, parseListPage, refuseToken } from "./list-page.ts";
import { toGrantMessage, toStartResponse, toTaskMessage } from "./task-message.ts";

const reasons = ["completed", "cancelled", "revoked", "failed"] as const;
const states: readonly TaskState[] = ["proposed", "active", "suspended", "ending", "ended"];

async function describe(layer: TaskLayer, task: Task): Promise<Sent<GetTaskResponse>> {
  const subtree = await layer.stores.tasks.subtree(task.id);
  const grants = await layer.stores.grants.list(subtree.map(({ id }) => id));
  const [top = task, ...descendants] = subtree;
  const below = fitting(descendants.map((each) => toTaskMessage(each, layer.trustDomain)));
  const held = fittingGrants(grants.map(toGrantMessage));
  return {
    task: toTaskMessage(top, layer.trustDomain),
    descendants: below,
    grants: held,
    descendants_left_out: descendants.length - below.length,
    grants_left_out: grants.length - held.length,
  };
}

/** What is not gone yet is told first, then the newest. */
function fittingGrants(grants: readonly Sent<GrantMessage>[]): readonly Sent<GrantMessage>[] {
  const kept = fitting(grants);
  if (kept.length === grants.length) return kept;
  const { gone = [], open = [] } = Object.groupBy(grants, ({ state }) => (state === "gone" ? "gone" : "open"));
  return fitting([...open, ...gone.toReversed()]);
}

async function list(layer: TaskLayer, request: ListTasksRequest, { caller }: Call): Promise<Sent<ListTasksResponse>> {
  const actor = actorOf(caller);
  const { agent, owner, state } = request;
  if (state !== "" && !states.includes(state as TaskState)) throw invalidArgument(`no state ${JSON.stringify(state)}`);
  const page = parseListPage(request);
  const { after } = page;
  if (after !== undefined && (!isTaskId(after) || (await layer.stores.tasks.get(after)) === undefined))
    throw refuseToken();
  const filter = {
    ...(agent !== "" && { agent }),
    ...(owner !== "" && { owner }),
    ...(state !== "" && { states: [state as TaskState] }),
  };
  const found = await layer.stores.tasks.list(filter, { limit: page.limit + 1, after });
  const { messages, next } = cutPage(found, page.limit, {
    token: ({ id }) => id,
    message: (task) => (maySee(actor, task.agent) ? toTaskMessage(task, layer.trustDomain) : undefined),
  });
  return { tasks: messages, next_page_token: next };
}

async function change(
  layer: TaskLayer,
  act: "suspend" | "resume",
  { request, call }: { readonly request: ChangeTaskRequest; readonly call: Call },
): Promise<Sent<GetTaskResponse>> {
  const actor = actorOf(call.caller);
  const task = await requireTask(layer, request.id);
  requireRole(actor, "operator", task.agent);
  await changeTask(layer, actor, { task, act, why: request.why });
  return await describe(layer, task);
}

async function* end(layer: TaskLayer, request: EndTaskRequest, call: Call): AsyncGenerator<Sent<EndProgress>> {
  const actor = actorOf(call.caller);
  const reason = reasons.find((each) => each === (request.reason || "completed"));
  if (reason === undefined) throw invalidArgument(`expected a reason of ${reasons.join(", ")}`);
  const task = await requireTaskFor(layer, { caller: call.caller, actor }, { id: request.id, to: "end" });
  const what = `task ${task.id}`;
  const pursuit = await endTasks(layer, { kind: "task", actor, tops: [task.id], reason, why: request.why, what });
  yield* followEnd(pursuit, call);
}

async function* killing(layer: TaskLayer, request: KillRequest, call: Call): AsyncGenerator<Sent<EndProgress>> {
  const { end: killed, cut } = await kill(layer, actorOf(call.caller), request);
  yield* followEnd(killed, call, cut);
}

/** Tasks: for people by their roles, for tasks in their own subtree. */
export function tasksHandlers(layer: TaskLayer): GuardedHandlers<MayflyTasksMethods> {
  const { trustDomain } = layer;
  return {
    StartTask: async (request, { caller }) =>
      toStartResponse(await startRootTask(layer, actorOf(caller), request), trustDomain),
    StartChild: async (request, { caller }) => {
      const { taskId } = caller;
      if (taskId === undefined) throw new TypeError("a method for tasks was called by something else");
      const created = await startChildTask(layer, actorOf(caller), { callerId: taskId, request });
      return toStartResponse(created, trustDomain);
    },
    GetTask: async ({ id }, { caller }) => {
      const actor = actorOf(caller);
      return await describe(layer, await requireTaskFor(layer, { caller, actor }, { id, to: "see" }));
    },
    ListTasks: async (request, call) => await list(layer, request, call),
    SuspendTask: async (request, call) => await change(layer, "suspend", { request, call }),
    ResumeTask: async (request, call) => await change(layer, "resume", { request, call }),
    EndTask: (request, call) => end(layer, request, call),
    Kill: (request, call) => killing(layer, request, call),
  };
}
