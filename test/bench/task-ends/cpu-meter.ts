// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from "node:fs";

/** Clock ticks a second in /proc/PID/stat. */
const ticksPerSecond = 100;

interface Times {
  readonly parent: number;
  /** Ticks of its own. */
  readonly own: number;
  /** Ticks of children that have ended. */
  readonly ended: number;
}

/** CPU (user and system) of processes by name, each with all that it started. */
export class CpuMeter {
  readonly #pids: Readonly<Record<string, number>>;
  readonly #before: Readonly<Record<string, number>>;

  constructor(pids: Readonly<Record<string, number>>) {
    this.#pids = pids;
    this.#before = this.#seconds();
  }

  /** Seconds since it was made. */
  spent(): Readonly<Record<string, number>> {
    const now = this.#seconds();
    return Object.fromEntries(
      Object.entries(now).map(([name, seconds]) => [name, seconds - (this.#before[name] ?? 0)]),
    );
  }

  #seconds(): Readonly<Record<string, number>> {
    const all = new Map(
      readdirSync("/proc")
        .filter((name) => /^\d+$/.test(name))
        .flatMap((name) => timesOf(name)),
    );
    const ticks = (pid: number): number => {
      const times = all.get(pid);
      const children = [...all].filter(([, { parent }]) => parent === pid);
      return (times?.own ?? 0) + (times?.ended ?? 0) + children.reduce((sum, [child]) => sum + ticks(child), 0);
    };
    return Object.fromEntries(Object.entries(this.#pids).map(([name, pid]) => [name, ticks(pid) / ticksPerSecond]));
  }
}

function timesOf(pid: string): [number, Times][] {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
    const [parent, utime, stime, cutime, cstime] = [1, 11, 12, 13, 14].map((index) => Number(fields[index]));
    const own = (utime ?? 0) + (stime ?? 0);
    return [[Number(pid), { parent: parent ?? 0, own, ended: (cutime ?? 0) + (cstime ?? 0) }]];
  } catch {
    // It has ended meanwhile.
    return [];
  }
}
