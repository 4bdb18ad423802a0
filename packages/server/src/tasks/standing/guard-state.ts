// SPDX-License-Identifier: Apache-2.0
import type { TaskId } from "@mayfly/tasks";

/** What kinds of guards there are outside of the server. */
export type GuardKind = "agent" | "gateway" | "broker";

/** What the server remembers of a guard for as long as it runs, over all of the guard's streams. */
export class GuardState {
  /** SPIFFE ID. */
  readonly id: string;
  readonly kind: GuardKind;
  /** Tasks that it was told are active, until it said that nothing of them is left there. */
  readonly told: Set<TaskId> = new Set();
  /** Open streams. */
  streams = 0;
  /** When a stream was opened or ended last, ms of the monotonic clock. */
  streamsChangedAt: number = performance.now();
  /** When the processes behind the open streams started, by stream, ms of the monotonic clock. */
  readonly processes: Map<object, number> = new Map();
  /** Of the last message, ms of the monotonic clock. */
  heardAt: number = performance.now();
  /** The newest revision that it took over. */
  seenRevision = 0;
  readonly #done = new Map<TaskId, number>();

  constructor(id: string, kind: GuardKind) {
    this.id = id;
    this.kind = kind;
  }

  /** When the oldest of its processes started, ms of the monotonic clock; undefined while that is not known of each open stream. */
  get oldestProcess(): number | undefined {
    return this.processes.size === 0 || this.processes.size < this.streams
      ? undefined
      : Math.min(...this.processes.values());
  }

  /** Nothing of the task is left there, as of this revision. */
  finish(taskId: TaskId, revision: number): void {
    this.#done.set(taskId, Math.max(revision, this.#done.get(taskId) ?? 0));
  }

  /** Whether it said, of this state of the task or a later one, that nothing is left there. */
  hasFinished(taskId: TaskId, revision: number): boolean {
    return (this.#done.get(taskId) ?? -1) >= revision;
  }

  /** For tasks that have ended. */
  forget(taskId: TaskId): void {
    this.told.delete(taskId);
    this.#done.delete(taskId);
  }
}
