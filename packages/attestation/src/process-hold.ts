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
    return this.#pidfd?.names(this.pid) ?? observeProcess(this.pid)?.facts.startTime === this.startTime;
  }

  [Symbol.dispose](): void {
    if (!this.#disposed) this.#pidfd?.release();
    this.#disposed = true;
  }
}
