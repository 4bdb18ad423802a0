// SPDX-License-Identifier: Apache-2.0
import type { StartChildRequest, StartTaskRequest } from "@mayfly/rpc";
import { TrustDomain } from "@mayfly/spiffe";
import { delegate, parseScope, type Scope, startTask, type TaskId, taskSpiffeId, tiers } from "@mayfly/tasks";
import { invalidArgument } from "../../rpc/wire/refusal.ts";
import { type Actor, notAllowed, requireRole } from "../callers/actor.ts";
import type { TaskLayer } from "../task-layer.ts";
import { requireTask } from "./find-task.ts";
import { type CreatedTask, createTask, newTaskId, requireOwner, requireProfile } from "./create-task.ts";
import { placeOf } from "./place.ts";

const maxScopeBytes = 65_536;
const maxTtlSeconds = 365 * 24 * 3600;

/** @throws {StatusError} INVALID_ARGUMENT @throws {ScopeError} */
function parseScopeJson(json: string, what: string): Scope {
  if (json.length > maxScopeBytes) throw invalidArgument(`${what} has more than ${String(maxScopeBytes)} characters`);
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw invalidArgument(`${what} is no JSON`, { cause });
  }
  return parseScope(value);
}

function deadlineOf(layer: TaskLayer, ttl: string): Date {
  const seconds = Number(ttl);
  if (!(seconds >= 1 && seconds <= maxTtlSeconds)) throw invalidArgument("ttl_seconds is missing or out of range");
  return new Date(layer.clock.now().getTime() + seconds * 1000);
}

/**
 * A root task. Who may do everything acts for the owner, who then counts as the one who asked.
 * @throws {StatusError} @throws {TaskError} of `startTask` @throws {ScopeError}
 */
export async function startRootTask(layer: TaskLayer, actor: Actor, request: StartTaskRequest): Promise<CreatedTask> {
  requireRole(actor, "operator", request.agent);
  const scope = parseScopeJson(request.scope_json, "scope_json");
  const [id, notAfter] = [newTaskId(), deadlineOf(layer, request.ttl_seconds)];
  return await createTask(layer, actor, async () => {
    const profile = await requireProfile(layer, request.agent);
    const owner = await requireOwner(layer, request.owner || profile.owner);
    const parentId = placeOf(layer, profile, request.parent_node_id);
    const requestedBy = actor.operator?.name ?? owner.name;
    const task = startTask(profile, { id, scope, notAfter, requestedBy, owner: owner.name }, layer.clock.now());
    return { task, profile, parentId };
  });
}

/**
 * A child of the calling task, under its own profile or one below it: no more than the caller has.
 * @throws {StatusError} @throws {TaskError} of `delegate` @throws {ScopeError}
 */
export async function startChildTask(
  layer: TaskLayer,
  actor: Actor,
  { callerId, request }: { readonly callerId: TaskId; readonly request: StartChildRequest },
): Promise<CreatedTask> {
  const scope = parseScopeJson(request.scope_json, "scope_json");
  const [id, notAfter] = [newTaskId(), deadlineOf(layer, request.ttl_seconds)];
  return await createTask(layer, actor, async () => {
    const parent = await requireTask(layer, callerId);
    const base = request.agent || parent.agent;
    const name = request.name === "" ? base : `${base}/${request.name}`;
    if (name !== parent.agent && !name.startsWith(`${parent.agent}/`)) {
      throw notAllowed(`a child of agent ${parent.agent} runs under its profile or one below it`);
    }
    const profile = await requireProfile(layer, name);
    const siblings = (await layer.stores.tasks.subtree(parent.id)).filter(({ parentId }) => parentId === parent.id);
    const requestedBy = taskSpiffeId(TrustDomain.parse(layer.trustDomain), parent.agent, parent.id).toString();
    const now = layer.clock.now();
    const task = delegate(parent, { id, scope, notAfter, requestedBy }, { profile, siblings, now });
    const parentEntry = layer.views.entry(parent.id) ?? (await layer.entries.get(parent.id));
    const parentId = profile.parentId ?? parentEntry?.parentId ?? placeOf(layer, profile, "");
    const { maxChildren } = tiers[parent.tier];
    return { task, profile, parentId, parent: { id: parent.id, revision: parent.revision, maxChildren } };
  });
}
