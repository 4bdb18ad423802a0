// SPDX-License-Identifier: Apache-2.0
import type { ProcessFacts, ProcessHold } from "@mayfly/attestation";
import { type Selector, taskSelector } from "@mayfly/registration";
import type { TaskId } from "@mayfly/tasks";
import type { StoredBinding } from "../state/bindings-file.ts";
import type { StandingTable, TaskVerdict } from "./standing-table.ts";

/** The task of a process, and how it stands. */
export interface BoundTask {
  readonly id: TaskId;
  readonly verdict: TaskVerdict;
}

/** What a process is told by, of this node. */
export type ProcessKey = Pick<ProcessFacts, "pid" | "startTime">;

interface Binding {
  readonly hold: ProcessHold;
  readonly taskId: TaskId;
  readonly notAfter: Date;
}

/** Which process is bound to which task, until the process or the task ends. It is the process that is bound, whatever it runs; what it starts is another one. */
export class TaskBindings implements Disposable {
  readonly #table: StandingTable;
  readonly #byPid = new Map<number, Binding>();
  #revision = 0;

  constructor(table: StandingTable) {
    this.#table = table;
  }

  get size(): number {
    return this.#byPid.size;
  }

  /** Grows with each change. */
  get revision(): number {
    return this.#revision;
  }

  /** For the disk. */
  stored(): StoredBinding[] {
    return [...this.#byPid.values()].map(({ hold: { pid, startTime }, taskId, notAfter }) => ({
      pid,
      startTime,
      taskId,
      notAfter,
    }));
  }

  /** False when the process has a task already; `hold` belongs to the bindings then, too. */
  bind(hold: ProcessHold, { taskId, notAfter }: { readonly taskId: TaskId; readonly notAfter: Date }): boolean {
    if (!hold.isAlive() || this.#of(hold) !== undefined) {
      hold[Symbol.dispose]();
      return false;
    }
    this.#byPid.set(hold.pid, { hold, taskId, notAfter });
    this.#revision += 1;
    return true;
  }

  /** The task of exactly this process, alive. */
  of(process: ProcessKey, now: Date): BoundTask | undefined {
    const binding = this.#of(process);
    return binding && { id: binding.taskId, verdict: this.#table.judge(binding.taskId, now) };
  }

  /** What attestation adds for exactly this process. */
  selectorsOf(process: ProcessKey, now: Date): readonly Selector[] {
    const task = this.of(process, now);
    return task?.verdict === "active" ? [taskSelector(task.id)] : [];
  }

  /** Pids that are bound to the task. */
  processesOf(taskId: TaskId): readonly number[] {
    return [...this.#byPid].flatMap(([pid, binding]) => (binding.taskId === taskId ? [pid] : []));
  }

  /** The task has ended; gives how many processes were bound to it. */
  drop(taskId: TaskId): number {
    const pids = this.processesOf(taskId);
    for (const pid of pids) this.#release(pid);
    return pids.length;
  }

  /** Lets go of processes that ended, and of those whose task is past its deadline. */
  sweep(now: Date): void {
    for (const [pid, { hold, taskId, notAfter }] of this.#byPid) {
      if (!hold.isAlive() || now >= notAfter || this.#table.judge(taskId, now) === "over") this.#release(pid);
    }
  }

  /** How each bound task stands, as text that is equal as long as nothing changed. */
  standingText(now: Date): string {
    return [...this.#byPid].map(([pid, { taskId }]) => `${pid}:${this.#table.judge(taskId, now)}`).join(" ");
  }

  [Symbol.dispose](): void {
    for (const pid of this.#byPid.keys()) this.#release(pid);
  }

  #of({ pid, startTime }: ProcessKey): Binding | undefined {
    const binding = this.#byPid.get(pid);
    if (binding === undefined) return undefined;
    if (binding.hold.startTime === startTime && binding.hold.isAlive()) return binding;
    // Whoever had this id is gone: nothing of it passes on to who has it now.
    if (!binding.hold.isAlive()) this.#release(pid);
    return undefined;
  }

  #release(pid: number): void {
    this.#byPid.get(pid)?.hold[Symbol.dispose]();
    this.#byPid.delete(pid);
    this.#revision += 1;
  }
}
