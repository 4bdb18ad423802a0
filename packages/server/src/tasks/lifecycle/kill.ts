// SPDX-License-Identifier: Apache-2.0
import type { KillRequest } from "@mayfly/rpc";
import { SpiffeId } from "@mayfly/spiffe";
import { parseTaskSpiffeId, type Task } from "@mayfly/tasks";
import { invalidArgument, orInvalidArgument } from "../../rpc/wire/refusal.ts";
import { parseIdText } from "../../rpc/wire/spiffe-id.ts";
import { type Actor, requireRole } from "../callers/actor.ts";
import type { Killed } from "../ending/followed.ts";
import { recordText } from "../record/recorder.ts";
import type { TaskLayer } from "../task-layer.ts";
import { endTasks } from "./end-tasks.ts";
import { requireTask } from "./find-task.ts";
import { killEntries } from "./kill-entries.ts";
import { killNode } from "./kill-node.ts";
import { nothingThere, topsOf } from "./kill-target.ts";

/**
 * Ends all that stands on a task, an agent profile, a node or a SPIFFE ID. Nodes and identities that are no task's are for administrators.
 * @throws {StatusError} INVALID_ARGUMENT; NOT_FOUND, code KILL_TARGET_UNKNOWN; PERMISSION_DENIED, code NOT_ALLOWED @throws {TaskError} TASK_UNKNOWN
 */
export async function kill(layer: TaskLayer, actor: Actor, request: KillRequest): Promise<Killed> {
  const { kind, what, why } = request;
  switch (kind) {
    case "task":
      return await killTask(layer, actor, request);
    case "agent":
      return await killAgent(layer, actor, { name: what, request });
    case "node": {
      const nodeId = orInvalidArgument("invalid node ID", () => parseIdText(what).text);
      return await killNode(layer, actor, { nodeId, why });
    }
    case "spiffe-id": {
      const { text } = orInvalidArgument("invalid SPIFFE ID", () => parseIdText(what));
      return await killIdentity(layer, actor, { id: SpiffeId.parse(text), request });
    }
    default:
      throw invalidArgument("expected a kind of task, agent, node, spiffe-id");
  }
}

async function killTask(layer: TaskLayer, actor: Actor, request: KillRequest, id = request.what): Promise<Killed> {
  const task = await requireTask(layer, id);
  requireRole(actor, "operator", task.agent);
  return { end: await endAll(layer, actor, { tasks: [task], request }), cut: [] };
}

/** The profile is suspended first: nothing is added to what is found then. */
async function killAgent(
  layer: TaskLayer,
  actor: Actor,
  { name, request }: { readonly name: string; readonly request: KillRequest },
): Promise<Killed> {
  const profile = await layer.stores.profiles.get(name);
  if (profile === undefined) throw nothingThere(name);
  requireRole(actor, "operator", name);
  await holdProfile(layer, actor, name);
  const tasks = [...layer.live.all()].filter(({ agent }) => agent === name);
  const cut = profile.state === "active" ? [`agent ${name} is suspended`] : [];
  return { end: await endAll(layer, actor, { tasks, request }), cut };
}

/** A task's, an agent's, a node's, or one of registration entries. */
async function killIdentity(
  layer: TaskLayer,
  actor: Actor,
  { id, request }: { readonly id: SpiffeId; readonly request: KillRequest },
): Promise<Killed> {
  const { segments, trustDomain } = id;
  if (trustDomain.name !== layer.trustDomain) throw invalidArgument("the SPIFFE ID is of another trust domain");
  const task = parseTaskSpiffeId(id);
  if (task !== undefined) return await killTask(layer, actor, request, task.taskId);
  const name = segments[0] === "agent" ? segments.slice(1).join("/") : "";
  if (name !== "" && (await layer.stores.profiles.get(name)) !== undefined) {
    return await killAgent(layer, actor, { name, request });
  }
  const text = id.toString();
  if (layer.views.node(text) !== undefined) return await killNode(layer, actor, { nodeId: text, why: request.why });
  return await killEntries(layer, actor, { spiffeId: text, why: request.why });
}

async function endAll(
  layer: TaskLayer,
  actor: Actor,
  { tasks, request }: { readonly tasks: readonly Task[]; readonly request: KillRequest },
): Promise<Killed["end"]> {
  const what = `${request.kind} ${recordText(request.what)}`;
  return await endTasks(layer, {
    kind: "kill",
    actor,
    tops: topsOf(tasks),
    reason: "revoked",
    why: request.why,
    what,
  });
}

async function holdProfile(layer: TaskLayer, actor: Actor, name: string): Promise<void> {
  const profile = await layer.stores.profiles.get(name);
  if (profile?.state !== "active") return;
  await layer.recorder.around(
    { kind: "profile", actor: actor.name, body: { act: "suspend", profile: name, why: "kill" } },
    {
      stops: "nothing",
      act: async () => {
        const written = await layer.stores.profiles.change(profile, "suspended", layer.clock.now());
        if (written.outcome === "written") layer.live.take(written.value.changed.tasks);
        return written;
      },
      describe: ({ outcome }) => ({ outcome }),
    },
  );
}
