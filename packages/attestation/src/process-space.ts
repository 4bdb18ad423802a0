// SPDX-License-Identifier: Apache-2.0
import { readlinkSync } from "node:fs";
import { readProc } from "./read-proc.ts";

/**
 * What the ids and start times that this process reads count in: the boot, its PID namespace, its time namespace. They mean nothing
 * under another one. undefined where the kernel does not tell it (Linux before 5.6).
 */
export function readProcessSpace(): string | undefined {
  const parts = [
    () => readProc("/proc/sys/kernel/random/boot_id").trim(),
    () => readlinkSync("/proc/self/ns/pid"),
    () => readlinkSync("/proc/self/ns/time"),
  ];
  try {
    return parts.map((read) => read()).join(" ");
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "EACCES"))
      return undefined;
    throw error;
  }
}
