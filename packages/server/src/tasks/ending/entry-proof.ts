// SPDX-License-Identifier: Apache-2.0
import type { Task } from "@mayfly/tasks";
import type { SyncHub } from "../../sync/sync-hub.ts";
import type { LiveViews } from "../../views/live-views.ts";
import type { GuardHub } from "../standing/guard-hub.ts";
import type { RemovedEntry, RemovedEntries } from "./removed-entries.ts";
import { fencedAt, isSilent } from "./silence.ts";

/** What proves that an identity is not served any more. */
export interface EntryProofDeps {
  readonly views: LiveViews;
  readonly hub: SyncHub;
  readonly guards: GuardHub;
  readonly removed: RemovedEntries;
  /** Of this server, ms of the monotonic clock. */
  readonly startedAt: number;
}

/** How far the agents are with an entry that was deleted. */
export interface EntryProof {
  /** Acknowledged the removal, or polled since. */
  readonly acknowledged: number;
  /** Heard nothing for so long that they have stopped by themselves. */
  readonly fenced: number;
  /** Connected and did not acknowledge yet. */
  readonly outstanding: number;
  /** Silent and not yet fenced: when the last of them is, ms of the monotonic clock. */
  readonly silentUntil: number | undefined;
}

/** Looks at each agent that could serve the entry; undefined while the entry is in the store. */
export function proveEntry(deps: EntryProofDeps, task: Task, now: number = performance.now()): EntryProof | undefined {
  if (deps.views.entry(task.id) !== undefined) return undefined;
  const removed = deps.removed.get(task.id);
  let [acknowledged, fenced, outstanding] = [0, 0, 0];
  let silentUntil: number | undefined;
  for (const agentId of removed.agents) {
    const verdict = judgeAgent(deps, agentId, { task, removed });
    if (verdict === "acknowledged") acknowledged += 1;
    else if (verdict === "outstanding") outstanding += 1;
    else if (verdict <= now) fenced += 1;
    else silentUntil = Math.max(silentUntil ?? 0, verdict);
  }
  return { acknowledged, fenced, outstanding, silentUntil };
}

/** A number: silent, and fenced from that instant on. */
function judgeAgent(
  { hub, guards, views, startedAt }: EntryProofDeps,
  agentId: string,
  { task, removed }: { readonly task: Task; readonly removed: RemovedEntry },
): "acknowledged" | "outstanding" | number {
  // Banned or deleted: its streams are cut and it gets nothing signed.
  const node = views.node(agentId);
  const isKnown = node !== undefined && node.serialNumber !== "";
  const holds = isKnown ? hub.holds(agentId, task.id) : undefined;
  if (holds === false) return "acknowledged";
  const guard = guards.guard(agentId);
  // Connected, but stopped or cut off: as a guard it gives nothing for the task from its fence on, whatever it holds.
  if (holds === true)
    return guard !== undefined && isSilent(guard) ? fencedAt(guard, startedAt, [task]) : "outstanding";
  const polledAt = hub.polledAt(agentId);
  if (polledAt !== undefined && isKnown) return polledAt > removed.at ? "acknowledged" : "outstanding";
  return fencedAt(guard, startedAt, [task]);
}
