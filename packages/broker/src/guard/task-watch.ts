// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { tiers } from "@mayfly/tasks";
import type { Logger } from "@mayfly/telemetry";
import { LeaseError } from "../errors.ts";
import type { GuardFeed, GuardOrder, TaskStanding } from "./guard-feed.ts";
import { Silence } from "./silence.ts";

/** What a `TaskWatch` works with. */
export interface TaskWatchParts {
  readonly feed: GuardFeed;
  readonly logger: Logger;
  /** A task is not active any more, or a snapshot came that says so: what it has here ends. */
  readonly onCut: (standing: TaskStanding) => void;
  /** Asked to look who is fenced now. */
  readonly onTick: () => void;
}

const tickMs = 100;
const reconnectMs = 250;
const maxTasks = 1_000_000;

/** Knows what the server last said of each task, and how long ago it was heard. What it does not know is refused. */
export class TaskWatch {
  readonly #parts: TaskWatchParts;
  readonly #silence = new Silence();
  #standings = new Map<string, TaskStanding>();
  #wasHeard = false;

  constructor(parts: TaskWatchParts) {
    this.#parts = parts;
  }

  /** Until the signal. @throws {LeaseError} NOT_A_BROKER from a server that never said anything else */
  async run(signal: AbortSignal): Promise<void> {
    const ticks = setInterval(this.#parts.onTick, tickMs);
    try {
      while (!signal.aborted) {
        await this.#follow(signal);
        await sleep(reconnectMs, undefined, { signal }).catch(() => undefined);
      }
    } finally {
      clearInterval(ticks);
    }
  }

  /** What the task's leases rest on. @throws {LeaseError} TASK_NOT_ACTIVE, FENCED */
  assertActive(taskId: string): TaskStanding {
    const standing = this.#standings.get(taskId);
    if (standing?.state !== "active" || standing.notAfter.getTime() <= Date.now()) {
      throw new LeaseError("TASK_NOT_ACTIVE", "the task is not active");
    }
    if (this.isFenced(taskId)) throw new LeaseError("FENCED", "the server has not been heard for too long");
    return standing;
  }

  /** Whether the server was silent for longer than the task's tier bears; of an unknown task, the strictest. */
  isFenced(taskId: string): boolean {
    const tier = this.#standings.get(taskId)?.tier ?? "T3";
    return this.#silence.ms > tiers[tier].fenceMs;
  }

  /** The last word on a task. */
  get(taskId: string): TaskStanding | undefined {
    return this.#standings.get(taskId);
  }

  async #follow(signal: AbortSignal): Promise<void> {
    try {
      for await (const order of this.#parts.feed.watch({ signal })) {
        // In force before it counts as a sign of life.
        this.#take(order);
        this.#wasHeard = true;
        if (order.provenAt !== undefined) this.#silence.end(order.provenAt);
      }
    } catch (error) {
      if (signal.aborted) return;
      // One that took it before may be in the middle of a change of its configuration.
      if (!this.#wasHeard && error instanceof LeaseError && error.code === "NOT_A_BROKER") throw error;
      this.#parts.logger.warn("guard_feed_lost", { error });
    }
  }

  #take({ tasks, isSnapshot }: GuardOrder): void {
    const before = this.#standings;
    if (isSnapshot) this.#standings = new Map();
    for (const standing of tasks) {
      const known = this.#standings.get(standing.taskId) ?? before.get(standing.taskId);
      const newest = known !== undefined && known.revision > standing.revision ? known : standing;
      if (newest.state === "ended") this.#standings.delete(newest.taskId);
      else if (this.#standings.size < maxTasks) this.#standings.set(newest.taskId, newest);
      if (newest.state !== "active") this.#parts.onCut(newest);
    }
    if (!isSnapshot) return;
    for (const [taskId, standing] of before) {
      if (!this.#standings.has(taskId)) this.#parts.onCut({ ...standing, state: "ended" });
    }
  }
}
