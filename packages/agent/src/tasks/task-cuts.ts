// SPDX-License-Identifier: Apache-2.0
import { formatSelector, type RegistrationEntry, taskSelector } from "@mayfly/registration";
import type { GrantReport, GuardReport, Sent } from "@mayfly/rpc";
import type { Logger } from "@mayfly/telemetry";
import type { HeldSet } from "../entries/held-set.ts";
import type { JwtCache } from "../svid/jwt-cache.ts";
import type { SvidCache } from "../svid/svid-cache.ts";
import { denied, type RefusalCode } from "../workload-api/refusal.ts";
import type { OpenStreams } from "./open-streams.ts";
import type { StoppedTask } from "./standing-table.ts";
import type { TaskBindings } from "./task-bindings.ts";
import type { TaskStanding } from "./task-standing.ts";

/** What cutting takes hold of. */
export interface TaskCutsDeps {
  readonly held: HeldSet;
  readonly bindings: TaskBindings;
  readonly streams: OpenStreams;
  readonly svids: Pick<SvidCache, "forget">;
  readonly tokens: Pick<JwtCache, "forget">;
  readonly log: Logger;
}

interface Cut {
  readonly bindings: number;
  readonly streams: number;
  readonly x509Svids: number;
  readonly jwtSvids: number;
}

/** Takes away what tasks have here: first the selector, then streams, then cached identities. */
export class TaskCuts {
  readonly #deps: TaskCutsDeps;

  constructor(deps: TaskCutsDeps) {
    this.#deps = deps;
  }

  /** Tasks that are not active, by a table that says so already; gives what the server is to be told. */
  cut(stopped: readonly StoppedTask[]): readonly Sent<GuardReport>[] {
    if (stopped.length === 0) return [];
    const entries = this.#entriesByTask(stopped);
    return stopped.flatMap(({ standing, isUnnamed }) => {
      const code = isUnnamed ? "IDENTITY_WITHDRAWN" : codeOf(standing);
      const cut = this.#cutOne(standing, { code, entryIds: entries.get(standing.id) ?? [] });
      return isUnnamed ? [] : [reportOf(standing, cut)];
    });
  }

  #cutOne({ id, state }: TaskStanding, { code, entryIds }: { code: RefusalCode; entryIds: readonly string[] }): Cut {
    const { bindings, streams, svids, tokens, log } = this.#deps;
    const pids = bindings.processesOf(id);
    // A task that is only held, or that a snapshot left out, may go on: the process stays bound and gets nothing.
    if (code === "TASK_OVER") bindings.drop(id);
    const cut: Cut = {
      bindings: pids.length,
      streams: streams.end(pids, denied(code)),
      x509Svids: svids.forget(entryIds),
      jwtSvids: tokens.forget(entryIds),
    };
    if (Object.values(cut).some((count) => count > 0))
      log.info("task_cut", { task_id: id, state, reason: code, ...cut });
    return cut;
  }

  /** Entries that demand one of these tasks, in one pass. */
  #entriesByTask(stopped: readonly StoppedTask[]): ReadonlyMap<string, string[]> {
    const wanted = new Map(stopped.map(({ standing: { id } }) => [formatSelector(taskSelector(id)), id]));
    const found = new Map<string, string[]>();
    const note = (entry: RegistrationEntry): void => {
      for (const selector of entry.selectors) {
        const taskId = wanted.get(formatSelector(selector));
        if (taskId !== undefined) found.set(taskId, [...(found.get(taskId) ?? []), entry.id]);
      }
    };
    for (const entry of this.#deps.held.entries) note(entry);
    // An entry that Sync removed already has the task's own id: what is left of it in a cache goes, too.
    for (const {
      standing: { id },
    } of stopped)
      if (!found.has(id)) found.set(id, [id]);
    return found;
  }
}

function codeOf({ state }: TaskStanding): RefusalCode {
  return state === "ending" || state === "ended" ? "TASK_OVER" : "TASK_SUSPENDED";
}

function reportOf({ id, revision, state }: TaskStanding, cut: Cut): Sent<GuardReport> {
  const grants = [
    ...(cut.streams > 0 ? [evidenceOf("connection", `workload-api:${revision}`, "streams-ended", { ...cut })] : []),
    ...(cut.x509Svids + cut.jwtSvids > 0
      ? [evidenceOf("token-key", `svid-cache:${revision}`, "keys-forgotten", { ...cut })]
      : []),
  ];
  // Of a task that has ended already the server keeps no grants: only that nothing is left counts.
  return { task_id: id, revision: String(revision), grants: state === "ended" ? [] : grants, done: true };
}

function evidenceOf(kind: string, ref: string, method: string, cut: Cut): Sent<GrantReport> {
  const detail = {
    bindings: cut.bindings,
    streams: cut.streams,
    x509_svids: cut.x509Svids,
    jwt_svids: cut.jwtSvids,
  };
  return { grant_id: "", kind, ref, gone: true, evidence_json: JSON.stringify({ method, detail }), problem: "" };
}
