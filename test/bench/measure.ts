// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";

/** Clock ticks a second in /proc/PID/stat. */
const ticksPerSecond = 100;

/** Value below which `share` (0 to 1) of the samples lie. */
function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** Seconds of CPU (user and system) that a process used so far. */
export function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** Resident memory of a process in MiB. */
export function residentMib(pid: number): number {
  const text = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1]) / 1024;
}

/** Bytes that a process read and wrote through system calls, sockets included. */
export function bytesMoved(pid: number): number {
  const text = readFileSync(`/proc/${pid}/io`, "utf8");
  const value = (key: string): number => Number(new RegExp(`^${key}: (\\d+)$`, "m").exec(text)?.[1]);
  return value("rchar") + value("wchar");
}

/** Milliseconds on the monotonic clock since `started`. */
export function since(started: number): number {
  return performance.now() - started;
}

/** One figure of one system. */
export interface Figure {
  readonly bench: string;
  readonly figure: string;
  readonly system: string;
  readonly value: number;
  readonly unit: string;
  /** What the issue asks for, in words; empty = for information. */
  readonly target: string;
}

/** Collects figures and prints each as it comes. */
export class Report {
  readonly figures: Figure[] = [];

  add(figure: Figure): void {
    this.figures.push(figure);
    const { bench, figure: name, system, value, unit, target } = figure;
    const shown = value >= 100 ? value.toFixed(0) : value.toFixed(2);
    process.stdout.write(
      `${bench.padEnd(14)} ${name.padEnd(44)} ${system.padEnd(8)} ${shown.padStart(9)} ${unit.padEnd(12)} ${target}\n`,
    );
  }

  latency(head: Omit<Figure, "figure" | "value" | "unit">, name: string, samples: readonly number[]): void {
    this.add({ ...head, figure: `${name}, p50 of ${samples.length}`, value: percentile(samples, 0.5), unit: "ms" });
    this.add({ ...head, figure: `${name}, p99`, value: percentile(samples, 0.99), unit: "ms", target: "" });
  }
}
