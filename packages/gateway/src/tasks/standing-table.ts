// SPDX-License-Identifier: Apache-2.0
import { type TaskId, tiers } from "@mayfly/tasks";
import type { Clock } from "../clock.ts";
import type { StandingOrder, TaskStanding } from "../ports/task-feed.ts";
import { Heartbeat } from "./heartbeat.ts";

/** Why a task may do nothing now. */
export type StandingProblem = "TASK_UNKNOWN" | "TASK_NOT_ACTIVE" | "TASK_EXPIRED" | "GUARD_FENCED";

/** A task that may act now, with its ancestors, parent first. */
export interface LiveTask {
  readonly standing: TaskStanding;
  readonly ancestors: readonly TaskId[];
}

const maxAncestors = 8;

/** What the server last said of each task. What is not in it is refused. */
export class StandingTable {
  readonly #tasks = new Map<string, TaskStanding>();
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #clock: Clock;
  readonly heartbeat: Heartbeat;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.heartbeat = new Heartbeat(clock);
  }

  /** Takes an order over; gives the tasks that may act no longer, at the revision that says so. Old news of a task is passed over. */
  apply({ tasks, isSnapshot }: StandingOrder): readonly TaskStanding[] {
    const stopped: TaskStanding[] = [];
    if (isSnapshot) stopped.push(...this.#forget(new Set(tasks.map(({ id }) => id))));
    for (const standing of tasks) {
      const known = this.#tasks.get(standing.id);
      if (known !== undefined && known.revision > standing.revision) continue;
      if (standing.state !== "active") stopped.push(standing);
      // An ended one stays until its end: late news of an earlier time do not bring it back.
      this.#tasks.set(standing.id, standing);
      this.#wake(standing.id);
    }
    return stopped;
  }

  /** The task, if it may act now. */
  judge(id: TaskId): LiveTask | StandingProblem {
    const standing = this.#tasks.get(id);
    if (standing === undefined) return "TASK_UNKNOWN";
    const ancestors: TaskId[] = [];
    const problem = this.#problemOf(standing);
    if (problem !== undefined) return problem;
    for (let parentId = standing.parentId; parentId !== undefined; ) {
      const parent = this.#tasks.get(parentId);
      // A child whose parent is not known has lost it: what it may do hangs on it.
      if (parent === undefined || ancestors.length >= maxAncestors || ancestors.includes(parentId))
        return "TASK_UNKNOWN";
      if (this.#problemOf(parent) !== undefined) return "TASK_NOT_ACTIVE";
      ancestors.push(parentId);
      parentId = parent.parentId;
    }
    return { standing, ancestors };
  }

  /** As `judge`, but gives the server's word of a task that was started a moment ago some time to come. */
  async await(id: TaskId, waitMs: number): Promise<LiveTask | StandingProblem> {
    if (!this.#tasks.has(id) && waitMs > 0) await this.#news(id, waitMs);
    return this.judge(id);
  }

  /** Tasks of this table that may act no longer although the server said nothing: past their end, or past the fence of their tier. */
  lapsed(): readonly TaskStanding[] {
    return [...this.#tasks.values()].filter((each) => each.state === "active" && this.#problemOf(each) !== undefined);
  }

  #problemOf({ state, notAfter, tier }: TaskStanding): StandingProblem | undefined {
    if (state !== "active") return "TASK_NOT_ACTIVE";
    if (!(this.#clock.now() < notAfter)) return "TASK_EXPIRED";
    // An unknown silence compares false.
    return this.heartbeat.silentMs() < tiers[tier].fenceMs ? undefined : "GUARD_FENCED";
  }

  #forget(named: ReadonlySet<TaskId>): TaskStanding[] {
    const all = [...this.#tasks.values()];
    const gone = all
      .filter(({ id, state }) => !named.has(id) && state !== "ended")
      .map((each) => ({ ...each, state: "ended" }));
    for (const each of gone) this.#tasks.set(each.id, each);
    for (const { id, state, notAfter } of all)
      if (state === "ended" && notAfter < this.#clock.now()) this.#tasks.delete(id);
    return gone;
  }

  async #news(id: string, waitMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiting = this.#waiting.get(id) ?? new Set();
    this.#waiting.set(id, waiting.add(resolve));
    const timer = setTimeout(resolve, waitMs);
    await promise;
    clearTimeout(timer);
    waiting.delete(resolve);
    if (waiting.size === 0 && this.#waiting.get(id) === waiting) this.#waiting.delete(id);
  }

  #wake(id: string): void {
    for (const resolve of this.#waiting.get(id) ?? []) resolve();
  }
}
