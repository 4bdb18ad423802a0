// SPDX-License-Identifier: Apache-2.0
import { closeSync } from "node:fs";
import { readProc } from "./read-proc.ts";

/** A pidfd with several holders: closed when the last one lets go. Node has no way to duplicate a descriptor. */
export class SharedPidfd {
  readonly #fd: number;
  #holders = 1;

  /** Takes the descriptor over, with one holder. */
  constructor(fd: number) {
    this.#fd = fd;
  }

  /** One holder more. */
  share(): this {
    if (this.#holders === 0) throw new RangeError("the descriptor is closed");
    this.#holders += 1;
    return this;
  }

  /** One holder less. */
  release(): void {
    if (this.#holders === 0) throw new RangeError("the descriptor is closed");
    this.#holders -= 1;
    if (this.#holders === 0) closeSync(this.#fd);
  }

  /** Whether the process lives under this id. */
  names(pid: number): boolean {
    // "Pid: -1" after the process was reaped; the id as this PID namespace sees it otherwise.
    return readProc(`/proc/self/fdinfo/${this.#fd}`).includes(`\nPid:\t${pid}\n`);
  }
}
