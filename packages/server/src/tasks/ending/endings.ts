// SPDX-License-Identifier: Apache-2.0
import type { CommittedHoldings, Evidence, Grant, GrantStore, Task, TaskId, TaskStore } from "@mayfly/tasks";
import type { Logger } from "@mayfly/telemetry";
import type { Clock } from "../../clock.ts";
import type { Recorder } from "../record/recorder.ts";
import type { LiveTasks } from "../standing/live-tasks.ts";
import { type EntryProofDeps, proveEntry } from "./entry-proof.ts";
import { PacedLook } from "./paced-look.ts";
import { type ExpectedWord, Pursuit } from "./pursuit.ts";
import { fencedAt, isSilent } from "./silence.ts";

/** What ends are followed up with. */
export interface EndingsDeps extends EntryProofDeps {
  readonly serverId: string;
  readonly tasks: TaskStore;
  readonly grants: GrantStore;
  readonly live: LiveTasks;
  readonly recorder: Recorder;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Ms until the end of the longest-lived SVID that these tasks may have. */
  readonly foreignMs: (tasks: readonly Task[]) => number;
  /** Nothing is left of the tasks at any guard: their open calls are closed, before they have ended. Idempotent. */
  readonly closeCalls: (tasks: readonly Task[]) => Promise<void>;
}

/** Fences, deadlines of grants, and what nobody tells of: looked at this often while something is open. */
const lookEveryMs = 100;
/** What guards prove is known at once; the rest is read this often. */
const refreshEveryMs = 500;
/** Where many ends are under way, less often: ms for each. */
const refreshMsEach = 2;
/** A grant that resists is told of again this often. */
const warnEveryMs = 60_000;
/** What is open for so long is told of. */
const warnAfterMs = 10_000;

/**
 * Follows each end until the subtree is quiet, however long that takes: the server's own part (entries) is proven here, that of the guards
 * by what they report, and of those that are silent by their fence.
 */
export class Endings implements Disposable {
  readonly #deps: EndingsDeps;
  readonly #pursuits = new Set<Pursuit>();
  readonly #unsubscribe: readonly (() => void)[];
  #timer: NodeJS.Timeout | undefined;
  readonly #look = new PacedLook(() => this.#lookAtAll());
  #isRefreshing = false;
  #complainedAt = Number.NEGATIVE_INFINITY;

  constructor(deps: EndingsDeps) {
    this.#deps = deps;
    const look = (): void => this.look();
    this.#unsubscribe = [deps.hub.onAck(look), deps.guards.onHeard(look)];
  }

  /** Ends that are not quiet. */
  get open(): number {
    return this.#pursuits.size;
  }

  /** Grants that could not be ended yet. */
  get stuck(): readonly Grant[] {
    return [...this.#pursuits].flatMap(({ open }) => [...open.values()].filter(({ problem }) => problem !== undefined));
  }

  /** Takes up an end that was just committed. In the same turn guards are told: before anything is read or written for it. */
  async pursue(committed: CommittedHoldings, tops: readonly TaskId[]): Promise<Pursuit> {
    this.#deps.live.take(committed.tasks);
    return await this.#take(committed.tasks, tops);
  }

  /** Takes up what was ending when the server stopped. */
  async resume(): Promise<void> {
    const ending = [...this.#deps.live.all()].filter(({ state }) => state === "ending");
    const isTop = ({ parentId }: Task): boolean => !ending.some(({ id }) => id === parentId);
    for (const top of ending.filter(isTop)) {
      const tasks = this.#deps.live.subtree(top.id);
      // Proven before, and perhaps stopped before it was in the record: said again rather than never.
      const grants = await this.#deps.grants.list(tasks.map(({ id }) => id));
      for (const grant of grants) if (grant.state === "gone") this.#note(grant);
      await this.#take(tasks, [top.id]);
    }
  }

  /** Something may have been proven. */
  look(): void {
    if (this.#pursuits.size > 0) this.#look.ask();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#look[Symbol.dispose]();
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#pursuits.clear();
  }

  async #take(tasks: readonly Task[], tops: readonly TaskId[]): Promise<Pursuit> {
    const words = this.#wordsFor(tasks);
    const foreignMs = this.#deps.foreignMs(tasks);
    const grants = await this.#deps.grants.list(tasks.map(({ id }) => id));
    const pursuit = new Pursuit({ tasks, tops, grants, words, foreignMs });
    this.#pursuits.add(pursuit);
    this.#timer ??= setInterval(() => this.look(), lookEveryMs).unref();
    this.look();
    return pursuit;
  }

  /** After a restart nobody is known to have been told, so that everybody counts as silent since then. */
  #wordsFor(tasks: readonly Task[]): ExpectedWord[] {
    return tasks.flatMap(({ id: taskId, revision }) =>
      this.#deps.guards.toldOf(taskId).map(({ id: guardId }) => ({ guardId, taskId, revision })),
    );
  }

  /** In one turn, so that what they write shares a commit; none waits for another. */
  #lookAtAll(): void {
    for (const pursuit of this.#pursuits) void this.#lookUntilSeen(pursuit);
    if (!this.#isRefreshing) void this.#refresh();
  }

  async #lookUntilSeen(pursuit: Pursuit): Promise<void> {
    pursuit.lookAgain = true;
    if (pursuit.isLookedAt) return;
    pursuit.isLookedAt = true;
    try {
      while (pursuit.lookAgain && !pursuit.isQuiet) {
        pursuit.lookAgain = false;
        await this.#lookAt(pursuit);
      }
    } catch (error) {
      this.#complain(error);
    } finally {
      pursuit.isLookedAt = false;
    }
  }

  async #lookAt(pursuit: Pursuit): Promise<void> {
    this.#hearWords(pursuit);
    const entries = [...pursuit.open.values()].filter(({ kind }) => kind === "entry");
    await Promise.all(entries.map((grant) => this.#lookAtEntry(pursuit, grant)));
    if (pursuit.open.size === 0 && pursuit.words.size === 0) await this.#settle(pursuit);
    else this.#warn(pursuit);
  }

  /** A store that can't be read is asked again in no time: once in a while is often enough to hear of it. */
  #complain(error: unknown): void {
    const now = performance.now();
    if (now - this.#complainedAt < warnAfterMs) return;
    this.#complainedAt = now;
    this.#deps.logger.error("end_not_followed", { error: (error as Error).message });
  }

  #hearWords(pursuit: Pursuit): void {
    const { guards, startedAt } = this.#deps;
    const now = performance.now();
    for (const word of pursuit.words) {
      const guard = guards.guard(word.guardId);
      const task = pursuit.tasks.get(word.taskId);
      const said = guard?.hasFinished(word.taskId, word.revision) ?? false;
      // One that has nothing to tell has taken the order over.
      if (said || (guard !== undefined && guard.seenRevision >= word.revision)) {
        pursuit.words.delete(word);
        pursuit.healthyAt = now;
      } else if (isSilent(guard, now)) {
        const at = fencedAt(guard, startedAt, task === undefined ? [] : [task]);
        pursuit.fenceAt = Math.max(pursuit.fenceAt, at);
        if (at <= now) pursuit.words.delete(word);
      }
    }
  }

  async #lookAtEntry(pursuit: Pursuit, grant: Grant): Promise<void> {
    const task = pursuit.tasks.get(grant.taskId);
    const proof = task && proveEntry(this.#deps, task);
    if (proof === undefined) return;
    const { acknowledged, fenced, outstanding, silentUntil } = proof;
    if (silentUntil !== undefined) pursuit.fenceAt = Math.max(pursuit.fenceAt, silentUntil);
    if (outstanding > 0 || silentUntil !== undefined) return;
    const evidence: Evidence = {
      by: this.#deps.serverId,
      at: this.#deps.clock.now(),
      method: "entry-withdrawn",
      detail: { agents_acknowledged: acknowledged, agents_fenced: fenced },
    };
    this.proven(await this.#deps.grants.prove(grant.id, evidence));
  }

  /** A grant is gone: by what a guard reported, or by what was seen here. */
  proven(grant: Grant): void {
    this.#note(grant);
    for (const pursuit of this.#pursuits) if (pursuit.open.has(grant.id)) pursuit.close(grant);
  }

  #note(grant: Grant): void {
    const { evidence } = grant;
    void this.#deps.recorder.note({
      kind: "grant",
      actor: evidence?.by ?? grant.guard,
      task: grant.taskId,
      ...(grant.kind === "lease" && { lease: grant.id }),
      body: {
        grant: grant.id,
        grant_kind: grant.kind,
        ref: grant.ref,
        state: grant.state,
        method: evidence?.method ?? "",
        detail: evidence?.detail ?? {},
      },
    });
  }

  /** What resists, and what time has closed: read for all together. */
  async #refresh(): Promise<void> {
    const everyMs = Math.max(refreshEveryMs, this.#pursuits.size * refreshMsEach);
    const due = [...this.#pursuits].filter(
      ({ open, refreshedAt }) => open.size > 0 && performance.now() - refreshedAt >= everyMs,
    );
    if (due.length === 0) return;
    for (const pursuit of due) pursuit.refreshedAt = performance.now();
    this.#isRefreshing = true;
    try {
      const grants = await this.#deps.grants.list(due.flatMap(({ tasks }) => [...tasks.keys()]));
      const byTask = Map.groupBy(grants, ({ taskId }) => taskId);
      const now = this.#deps.clock.now();
      for (const pursuit of due) {
        for (const id of pursuit.tasks.keys()) for (const grant of byTask.get(id) ?? []) pursuit.takeOver(grant, now);
      }
    } catch (error) {
      this.#complain(error);
    } finally {
      this.#isRefreshing = false;
    }
  }

  async #settle(pursuit: Pursuit): Promise<void> {
    const { tasks, clock, live, recorder, serverId, closeCalls } = this.#deps;
    // First: what has ended is not looked at again, not even by the next process.
    await closeCalls([...pursuit.tasks.values()]);
    for (const top of pursuit.tops) {
      const outcome = await tasks.settle(top, clock.now());
      if (outcome.outcome === "not-quiet") {
        for (const grant of outcome.open) pursuit.open.set(grant.id, grant);
        return;
      }
      live.take(outcome.tasks);
    }
    pursuit.isQuiet = true;
    this.#pursuits.delete(pursuit);
    if (this.#pursuits.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    for (const id of pursuit.tasks.keys()) this.#deps.removed.forget(id);
    const { healthyMs, fenceMs, foreignMs } = pursuit.times;
    const [task] = pursuit.tops;
    await recorder.note({
      kind: "quiet",
      actor: serverId,
      ...(task && { task }),
      body: {
        tasks: [...pursuit.tasks.keys()].slice(0, 1000),
        grants: pursuit.grantCount,
        healthy_ms: Math.round(healthyMs),
        fence_ms: Math.round(fenceMs),
        foreign_ms: Math.round(foreignMs),
      },
    });
    pursuit.ring();
  }

  #warn(pursuit: Pursuit): void {
    const now = performance.now();
    if (now - pursuit.committedAt < warnAfterMs || now - pursuit.warnedAt < warnEveryMs) return;
    pursuit.warnedAt = now;
    this.#deps.logger.error("task_not_quiet", {
      tasks: pursuit.tops.join(" "),
      grants: [...pursuit.open.values()]
        .map(({ id, kind, problem = "" }) => `${kind} ${id} ${problem}`.trim())
        .join("; "),
      guards: [...pursuit.words].map(({ guardId }) => guardId).join(" "),
    });
  }
}
