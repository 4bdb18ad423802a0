// SPDX-License-Identifier: Apache-2.0
import type { Grant, Task, TaskId } from "@mayfly/tasks";
import { ProvenGrants } from "./proven-grants.ts";

/** What came of one end, as it goes on. */
export interface EndTimes {
  /** Ms from the commit to the last proof of a guard that answers. */
  readonly healthyMs: number;
  /** Ms from the commit to the instant at which the last silent guard is fenced; 0 = none is silent. */
  readonly fenceMs: number;
  /** Ms from the commit to the end of the longest-lived SVID. */
  readonly foreignMs: number;
}

/** A guard that has to say, of a revision, that nothing of these tasks is left there. */
export interface ExpectedWord {
  readonly guardId: string;
  readonly taskId: TaskId;
  readonly revision: number;
}

/** One end on its way to quiet: what is still open, and what was proven so far. Mutable, of `Endings` alone. */
export class Pursuit {
  /** Ended together; the topmost of each tree first in `tops`. */
  readonly tasks: ReadonlyMap<TaskId, Task>;
  readonly tops: readonly TaskId[];
  /** Ms of the monotonic clock. */
  readonly committedAt: number;
  /** Grants that are not proven gone, by id. */
  readonly open: Map<string, Grant>;
  readonly words: Set<ExpectedWord>;
  readonly foreignMs: number;
  /** How many grants there are in all. */
  readonly grantCount: number;
  healthyAt: number;
  fenceAt = 0;
  isQuiet = false;
  warnedAt = 0;
  refreshedAt = 0;
  /** Of who looks at it: that it is being done, and that there is reason to do it once more. */
  isLookedAt = false;
  lookAgain = false;
  readonly #proven = new ProvenGrants<Grant>();

  constructor(what: {
    readonly tasks: readonly Task[];
    readonly tops: readonly TaskId[];
    readonly grants: readonly Grant[];
    readonly words: readonly ExpectedWord[];
    readonly foreignMs: number;
  }) {
    this.tasks = new Map(what.tasks.map((task) => [task.id, task]));
    this.tops = what.tops;
    this.committedAt = performance.now();
    this.healthyAt = this.committedAt;
    this.open = new Map(what.grants.filter(({ state }) => state !== "gone").map((grant) => [grant.id, grant]));
    this.words = new Set(what.words);
    this.foreignMs = what.foreignMs;
    this.grantCount = what.grants.length;
  }

  get times(): EndTimes {
    const { committedAt, healthyAt, fenceAt, foreignMs } = this;
    return { healthyMs: healthyAt - committedAt, fenceMs: Math.max(0, fenceAt - committedAt), foreignMs };
  }

  /** A grant is proven gone. */
  close(grant: Grant): void {
    this.open.delete(grant.id);
    const isFenced = Number(grant.evidence?.detail["agents_fenced"] ?? 0) > 0;
    if (!isFenced) this.healthyAt = performance.now();
    this.#proven.add(grant);
  }

  /** A grant as it stands in the store: what resists, and what time has closed. */
  takeOver(grant: Grant, now: Date): void {
    if (!this.open.has(grant.id)) return;
    this.open.set(grant.id, grant);
    if (grant.state === "gone") this.close(grant);
    else if (!grant.renewable && now >= grant.notAfter) this.open.delete(grant.id);
  }

  /** Something moved: those who follow look again. */
  ring(): void {
    this.#proven.ring();
  }

  /** Grants as they are proven, until it is quiet or the signal. */
  follow(signal: AbortSignal): AsyncGenerator<Grant> {
    return this.#proven.follow(() => this.isQuiet, signal);
  }
}
