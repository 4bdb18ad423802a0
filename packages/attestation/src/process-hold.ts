// SPDX-License-Identifier: Apache-2.0
import type { ProcessHold } from "./ports.ts";
import { observeProcess } from "./process-facts.ts";
import type { SharedPidfd } from "./shared-pidfd.ts";

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
    // A zombie has a pidfd that names it, but runs nothing any more.
    const facts = observeProcess(this.pid)?.facts;
    return facts?.startTime === this.startTime && (this.#pidfd?.names(this.pid) ?? true);
  }

  [Symbol.dispose](): void {
    if (!this.#disposed) this.#pidfd?.release();
    this.#disposed = true;
  }
}
