// SPDX-License-Identifier: Apache-2.0
import { type TaskId, tiers } from "@mayfly/tasks";
import type { Silence } from "./silence.ts";
import type { TaskStanding } from "./task-standing.ts";

/**
 * Whether a task's selector may be given out: `active` yes · `held` the task is suspended or not begun · `fenced` the server has been
 * silent for longer than the tier bears, or has said nothing yet · `unknown` it does not tell of the task · `over` it ends, ended, or its
 * deadline is past.
 */
export type TaskVerdict = "active" | "held" | "fenced" | "unknown" | "over";

/** A task that is not active by the last order. */
export interface StoppedTask {
  readonly standing: TaskStanding;
  /** A snapshot left it out: it is not active, and that is all that is known. */
  readonly isUnnamed: boolean;
}

/** More than any node has to do with; a server that names more is broken. */
const maxStandings = 1_000_000;

/** What the server last said of each task that concerns this node, and for how long that counts. */
export class StandingTable {
  readonly #silence: Silence;
  #standings: Map<TaskId, TaskStanding> = new Map();

  constructor(silence: Silence) {
    this.#silence = silence;
  }

  get(id: TaskId): TaskStanding | undefined {
    return this.#standings.get(id);
  }

  /**
   * Takes an order over; standings older than what is known are passed over. Gives the tasks that are not active by it, also those that a
   * snapshot does not name any more.
   */
  apply(standings: readonly TaskStanding[], isSnapshot: boolean): readonly StoppedTask[] {
    const before = this.#standings;
    if (isSnapshot) this.#standings = new Map();
    const known = (id: TaskId): TaskStanding | undefined => this.#standings.get(id) ?? before.get(id);
    const stopped = standings.flatMap((standing) => this.#take(known(standing.id), standing));
    if (!isSnapshot) return stopped;
    const named = new Set(standings.map(({ id }) => id));
    for (const [id, standing] of before) if (!named.has(id)) stopped.push({ standing, isUnnamed: true });
    return stopped;
  }

  judge(id: TaskId, now: Date): TaskVerdict {
    const standing = this.#standings.get(id);
    if (standing === undefined) return this.#silence.ms === Number.POSITIVE_INFINITY ? "fenced" : "unknown";
    const { state, notAfter, tier } = standing;
    if (state === "ending" || state === "ended" || now >= notAfter) return "over";
    if (state !== "active") return "held";
    return this.#silence.ms > tiers[tier].fenceMs ? "fenced" : "active";
  }

  #take(known: TaskStanding | undefined, told: TaskStanding): StoppedTask[] {
    const newest = known !== undefined && known.revision > told.revision ? known : told;
    if (newest.state === "ended") this.#standings.delete(newest.id);
    else if (this.#standings.has(newest.id) || this.#standings.size < maxStandings)
      this.#standings.set(newest.id, newest);
    return newest.state === "active" ? [] : [{ standing: newest, isUnnamed: false }];
  }
}
