// SPDX-License-Identifier: Apache-2.0
import { agentsConcerned } from "@mayfly/registration";
import type { KillRequest } from "@mayfly/rpc";
import { SpiffeId } from "@mayfly/spiffe";
import type { Task, TaskId } from "@mayfly/tasks";
import { invalidArgument, notFound, orInvalidArgument } from "../../rpc/wire/refusal.ts";
import { parseIdText } from "../../rpc/wire/spiffe-id.ts";
import { type Actor, requireRole } from "../callers/actor.ts";
import type { Pursuit } from "../ending/pursuit.ts";
import { recordText } from "../record/recorder.ts";
import type { TaskLayer } from "../task-layer.ts";
import { endTasks } from "./end-tasks.ts";
import { requireTask } from "./find-task.ts";

/** What a kill stops. */
interface Targets {
  readonly tasks: readonly Task[];
  /** The profile is suspended first, so that nothing new comes. */
  readonly profile?: string | undefined;
}

/**
 * Ends all that stands on a task, an agent profile, a node or a SPIFFE ID, in one transaction.
 * @throws {StatusError} INVALID_ARGUMENT, NOT_FOUND, PERMISSION_DENIED code NOT_ALLOWED @throws {TaskError} TASK_UNKNOWN
 */
export async function kill(layer: TaskLayer, actor: Actor, { kind, what, why }: KillRequest): Promise<Pursuit> {
  const targets = await findTargets(layer, kind, what);
  for (const { agent } of targets.tasks) requireRole(actor, "operator", agent);
  if (targets.profile !== undefined) await holdProfile(layer, actor, targets.profile);
  // Once the profile is held, nothing is added to what was found.
  const tasks = targets.profile === undefined ? targets.tasks : ofAgent(layer, targets.profile);
  return await endTasks(layer, {
    kind: "kill",
    actor,
    tops: topsOf(tasks),
    reason: "revoked",
    why,
    what: `${kind} ${recordText(what)}`,
  });
}

async function findTargets(layer: TaskLayer, kind: string, what: string): Promise<Targets> {
  switch (kind) {
    case "task":
      return { tasks: [await requireTask(layer, what)] };
    case "agent":
      return await ofProfile(layer, what);
    case "node":
      return {
        tasks: onNode(
          layer,
          orInvalidArgument("invalid node ID", () => parseIdText(what).text),
        ),
      };
    case "spiffe-id":
      return await ofSpiffeId(
        layer,
        orInvalidArgument("invalid SPIFFE ID", () => parseIdText(what).text),
      );
    default:
      throw invalidArgument("expected a kind of task, agent, node, spiffe-id");
  }
}

async function ofProfile(layer: TaskLayer, name: string): Promise<Targets> {
  if ((await layer.stores.profiles.get(name)) === undefined)
    throw notFound(`there is no agent ${JSON.stringify(name)}`);
  return { tasks: ofAgent(layer, name), profile: name };
}

function ofAgent({ live }: TaskLayer, name: string): readonly Task[] {
  return [...live.all()].filter(({ agent }) => agent === name);
}

/** Tasks whose identity the node may serve, or could when its entry went: that of a suspended task is not there. */
function onNode({ live, views, removed }: TaskLayer, nodeId: string): readonly Task[] {
  const isThere = ({ id }: Task): boolean => {
    const entry = views.entry(id);
    if (entry === undefined) return removed.get(id).agents.has(nodeId);
    return agentsConcerned(views.index, views.nodes, entry).has(nodeId) || entry.parentId === nodeId;
  };
  return [...live.all()].filter(isThere);
}

async function ofSpiffeId(layer: TaskLayer, text: string): Promise<Targets> {
  const { segments, trustDomain } = SpiffeId.parse(text);
  if (trustDomain.name !== layer.trustDomain) throw invalidArgument("the SPIFFE ID is of another trust domain");
  const last = segments.at(-1) ?? "";
  if (segments[0] === "agent" && segments.at(-2) === "task") return { tasks: [await requireTask(layer, last)] };
  if (segments[0] === "agent") return await ofProfile(layer, segments.slice(1).join("/"));
  if (layer.views.node(text) !== undefined) return { tasks: onNode(layer, text) };
  throw notFound(`nothing of the task layer stands on ${JSON.stringify(text)}`);
}

/** Those that are not below another one. */
function topsOf(tasks: readonly Task[]): readonly TaskId[] {
  const ids = new Set<string>(tasks.map(({ id }) => id));
  return tasks.filter(({ parentId }) => parentId === undefined || !ids.has(parentId)).map(({ id }) => id);
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
