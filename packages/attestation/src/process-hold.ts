// SPDX-License-Identifier: Apache-2.0
import { openPidfd } from "./kernel-calls.ts";
import type { ProcessHold } from "./ports.ts";
import { observeProcess } from "./process-facts.ts";
import { SharedPidfd } from "./shared-pidfd.ts";

/** A hold by descriptor, or by start time where the kernel has none (Linux before 6.5). */
export class PinnedHold implements ProcessHold {
  readonly pid: number;
  readonly startTime: string;
  readonly #pidfd: SharedPidfd | undefined;
  #disposed = false;

  /** @param pidfd shared already: released here at the end */
  constructor(pid: number, startTime: string, pidfd: SharedPidfd | undefined) {
    this.pid = pid;
    this.startTime = startTime;
    this.#pidfd = pidfd;
  }

  isAlive(): boolean {
    if (this.#disposed) return false;
    return this.#pidfd?.names(this.pid) ?? observeProcess(this.pid)?.facts.startTime === this.startTime;
  }

  [Symbol.dispose](): void {
    if (!this.#disposed) this.#pidfd?.release();
    this.#disposed = true;
  }
}

/**
 * Takes hold again of a process that is known by its id and its start time in this very process space (`readProcessSpace`). undefined when it
 * has ended, when another one has its id, and where the kernel gives no descriptor of it (Linux before 5.3): without one nothing is proven.
 */
export function retakeProcess({ pid, startTime }: Pick<ProcessHold, "pid" | "startTime">): ProcessHold | undefined {
  const pidfd = openPidfd(pid);
  if (typeof pidfd !== "number") return undefined;
  const hold = new PinnedHold(pid, startTime, new SharedPidfd(pidfd));
  // The start time is read between the opening and the proof that the descriptor's process still has the id: it is that process's.
  if (observeProcess(pid)?.facts.startTime === startTime && hold.isAlive()) return hold;
  hold[Symbol.dispose]();
  return undefined;
}
