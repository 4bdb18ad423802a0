// SPDX-License-Identifier: Apache-2.0
import { agentsConcerned, type RegistrationEntry } from "@mayfly/registration";
import { isTaskId, type Task } from "@mayfly/tasks";
import { type Actor, requireAnyAdmin } from "../callers/actor.ts";
import type { Followed, Killed } from "../ending/followed.ts";
import { longestMs } from "../ending/withdrawal.ts";
import { recordText } from "../record/recorder.ts";
import type { TaskLayer } from "../task-layer.ts";
import { endTasks } from "./end-tasks.ts";
import { nothingThere, topsOf } from "./kill-target.ts";

/**
 * Ends all tasks of a node, or alias of nodes, and bans the node: from then on it gets nothing signed and nothing told. What a validator may
 * still take are the SVIDs that it had.
 * @throws {StatusError} PERMISSION_DENIED, code NOT_ALLOWED; NOT_FOUND, code KILL_TARGET_UNKNOWN
 */
export async function killNode(
  layer: TaskLayer,
  actor: Actor,
  { nodeId, why }: { readonly nodeId: string; readonly why: string },
): Promise<Killed> {
  requireAnyAdmin(actor);
  const node = await layer.nodes.get(nodeId);
  const tasks = onNode(layer, nodeId);
  if (node === undefined && tasks.length === 0) throw nothingThere(nodeId);
  const what = `node ${nodeId}`;
  const others = node === undefined ? [] : plainEntries(layer.authorized.of(node).values());
  const left = [...others.map((entry) => longestMs(entry, layer.lifetimes)), leftOf(layer, node?.expiresAt)];
  const end = await endTasks(layer, { kind: "kill", actor, tops: topsOf(tasks), reason: "revoked", why, what });
  if (node === undefined) return { end, cut: [] };
  await layer.recorder.around(
    { kind: "kill", actor: actor.name, body: { act: "ban", what, why: recordText(why) } },
    { stops: "nothing", act: async () => await layer.nodes.ban(nodeId) },
  );
  const served = `${String(others.length)} other registration entries are not served there any more`;
  return { end: withForeign(end, Math.max(...left)), cut: [`node ${nodeId} is banned: ${served}`] };
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

function plainEntries(entries: Iterable<RegistrationEntry>): readonly RegistrationEntry[] {
  return [...entries].filter(({ id }) => !isTaskId(id));
}

/** Ms that an instant (Unix seconds) is away. */
function leftOf({ clock }: TaskLayer, seconds = 0): number {
  return Math.max(0, seconds * 1000 - clock.now().getTime());
}

/** The same end; what is foreign lasts at least this long. */
function withForeign(end: Followed, foreignMs: number): Followed {
  return {
    tasks: end.tasks,
    open: end.open,
    grantCount: end.grantCount,
    follow: (signal) => end.follow(signal),
    get isQuiet() {
      return end.isQuiet;
    },
    get times() {
      return { ...end.times, foreignMs: Math.max(end.times.foreignMs, foreignMs) };
    },
  };
}
