// SPDX-License-Identifier: Apache-2.0
import type {
  LeaseMessage,
  ListLeasesRequest,
  ListLeasesResponse,
  MayflyLeasesMethods,
  RevokeLeaseRequest,
  Sent,
} from "@mayfly/rpc";
import { type Lease, type LeaseState, type ListPage, parseTaskId, type UnmanagedAccount } from "@mayfly/tasks";
import {
  type Actor,
  actorOf,
  mayAdministerAll,
  maySee,
  notAllowed,
  requireRole,
} from "../../../tasks/callers/actor.ts";
import { formatEvidence } from "../../../tasks/evidence.ts";
import { beginLease } from "../../../tasks/leases/begin-lease.ts";
import { reportLease, reportUnmanaged } from "../../../tasks/leases/report-lease.ts";
import { requireTask } from "../../../tasks/lifecycle/find-task.ts";
import { recordText } from "../../../tasks/record/recorder.ts";
import type { TaskLayer } from "../../../tasks/task-layer.ts";
import type { Call, GuardedHandlers } from "../../call.ts";
import { invalidArgument, notFound } from "../../wire/refusal.ts";
import { cutPage, onePast, pageOf, parseListPage, refuseToken } from "./list-page.ts";

/** What tokens in the list of accounts begin with; no lease's id does. */
const unmanagedToken = "account:";
const states: readonly LeaseState[] = ["issuing", "live", "revoking", "stuck", "gone"];

function brokerOf({ caller }: Call): string {
  const { identity, guard } = caller;
  if (identity === undefined || guard !== "broker")
    throw new TypeError("a method for brokers was called by something else");
  return identity.id;
}

function toLeaseMessage(lease: Lease): Sent<LeaseMessage> {
  return {
    id: lease.id,
    task_id: lease.taskId,
    call_id: lease.callId,
    target: lease.target,
    mode: lease.mode,
    state: lease.state,
    account: lease.account,
    created_at_ms: String(lease.createdAt.getTime()),
    not_after_ms: String(lease.notAfter.getTime()),
    holder: lease.holder,
    evidence_json: formatEvidence(lease.evidence),
    problem: lease.problem ?? "",
  };
}

function toUnmanagedMessage({ target, account, lastActivityAt, canLogIn, isLegacy }: UnmanagedAccount): object {
  const last = String(lastActivityAt?.getTime() ?? 0);
  return { target, account, last_activity_ms: last, can_login: canLogIn, legacy: isLegacy };
}

/** A broker sees its own; people those of agents that they have a role over. */
async function list(layer: TaskLayer, request: ListLeasesRequest, call: Call): Promise<Sent<ListLeasesResponse>> {
  const { leases } = layer.stores;
  const wanted = states.find((each) => each === request.state);
  if (request.state !== "" && wanted === undefined) throw invalidArgument(`no state ${JSON.stringify(request.state)}`);
  const page = parseListPage(request);
  if (page.after?.startsWith(unmanagedToken) === true) return await listUnmanaged(layer, page, call);
  if (page.after !== undefined && (await leases.get(page.after)) === undefined) throw refuseToken();
  const isBroker = call.caller.guard === "broker";
  const filter = {
    ...(request.task_id !== "" && { taskId: parseTaskId(request.task_id) }),
    ...(wanted && { states: [wanted] }),
    ...(isBroker && { guard: brokerOf(call) }),
  };
  const found = await leases.list(filter, onePast(page));
  const seen = isBroker ? found : await visible(layer, actorOf(call.caller), found);
  const { messages, next } = cutPage(found, page.limit, {
    token: ({ id }) => id,
    message: (lease) => (seen.includes(lease) ? toLeaseMessage(lease) : undefined),
  });
  const isLast = next === "" && !isBroker;
  const rest = isLast ? await listUnmanaged(layer, { limit: page.limit }, call) : { next_page_token: next };
  return { leases: messages, ...rest };
}

/** Accounts: with the last page of leases, and after it. @throws {StatusError} INVALID_ARGUMENT, code PAGE_TOKEN_UNKNOWN */
async function listUnmanaged(
  { stores }: TaskLayer,
  { limit, after = unmanagedToken }: ListPage,
  { caller }: Call,
): Promise<Sent<ListLeasesResponse>> {
  const actor = actorOf(caller);
  if (!mayAdministerAll(actor)) return {};
  const name = after.slice(unmanagedToken.length);
  const page = { limit, ...(name !== "" && { after: name }) };
  const { messages, next } = pageOf(await stores.leases.unmanaged(), page, {
    token: ({ target, account }) => `${target}/${account}`,
    message: toUnmanagedMessage,
  });
  return { unmanaged: messages, next_page_token: next === "" ? "" : `${unmanagedToken}${next}` };
}

async function visible({ stores }: TaskLayer, actor: Actor, leases: readonly Lease[]): Promise<readonly Lease[]> {
  if (actor.mayAll) return leases;
  const agents = new Map<string, string>();
  for (const { taskId } of leases) {
    if (!agents.has(taskId)) agents.set(taskId, (await stores.tasks.get(taskId))?.agent ?? "");
  }
  return leases.filter(({ taskId }) => maySee(actor, agents.get(taskId) ?? ""));
}

/** @throws {StatusError} NOT_FOUND; PERMISSION_DENIED, code NOT_ALLOWED */
async function get(layer: TaskLayer, id: string, call: Call): Promise<Lease> {
  const lease = await layer.stores.leases.get(id);
  const isBroker = call.caller.guard === "broker";
  if (lease === undefined || (isBroker && lease.guard !== brokerOf(call))) throw unknownLease(id);
  if (isBroker) return lease;
  const actor = actorOf(call.caller);
  const [seen] = await visible(layer, actor, [lease]);
  if (seen !== undefined) return seen;
  throw notAllowed(`${actor.name} has no role over the agent of lease ${id}`);
}

function unknownLease(id: string): Error {
  return notFound(`there is no lease ${JSON.stringify(id)}`);
}

/** Orders its end; the broker takes it from its list of leases, and proves it. */
async function revoke(layer: TaskLayer, { id, why }: RevokeLeaseRequest, { caller }: Call): Promise<Lease> {
  const actor = actorOf(caller);
  const { leases, grants } = layer.stores;
  const lease = await leases.get(id);
  if (lease === undefined) throw unknownLease(id);
  const task = await requireTask(layer, lease.taskId);
  requireRole(actor, "operator", task.agent);
  await layer.recorder.around(
    { kind: "lease", actor: actor.name, task: task.id, lease: id, body: { act: "revoke", why: recordText(why) } },
    { stops: "nothing", act: async () => await grants.end(id) },
  );
  return (await leases.get(id)) ?? lease;
}

/** Leases: begun and reported by brokers, listed and revoked by people. */
export function leasesHandlers(layer: TaskLayer): GuardedHandlers<MayflyLeasesMethods> {
  return {
    BeginLease: async (request, call) => {
      const begun = await beginLease(layer, brokerOf(call), request);
      return "refusal" in begun ? begun : { lease: toLeaseMessage(begun.lease) };
    },
    ReportLease: async (request, call) => toLeaseMessage(await reportLease(layer, brokerOf(call), request)),
    ReportUnmanaged: async (request, call) => {
      await reportUnmanaged(layer, brokerOf(call), request);
      return {};
    },
    ListLeases: async (request, call) => await list(layer, request, call),
    GetLease: async ({ id }, call) => toLeaseMessage(await get(layer, id, call)),
    RevokeLease: async (request, call) => toLeaseMessage(await revoke(layer, request, call)),
  };
}
