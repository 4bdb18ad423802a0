// SPDX-License-Identifier: Apache-2.0
import { readlinkSync, statSync } from "node:fs";
import { hashExecutable } from "./executable-hash.ts";
import type { ProcessFacts } from "./ports.ts";
import { readProc } from "./read-proc.ts";

/** Facts, and what tells one program from the next on the same process id. */
export interface ObservedProcess {
  readonly facts: ProcessFacts;
  /** Address of the stack's start, new with each exec; "0" where this reader may not see it. */
  readonly stackStart: string;
}

/** Reads a process from /proc; undefined when it is gone, a zombie, or has no executable (a kernel thread). Synchronous, so that nothing comes between the parts. */
export function observeProcess(pid: number): ObservedProcess | undefined {
  try {
    const stat = parseStat(readProc(`/proc/${pid}/stat`));
    if (stat === undefined || stat.state === "Z" || stat.state === "X") return undefined;
    const ids = parseStatus(readProc(`/proc/${pid}/status`));
    const executable = executableOf(pid);
    if (ids === undefined || executable === undefined) return undefined;
    const facts: ProcessFacts = {
      pid,
      ...ids,
      ...executable,
      startTime: stat.startTime,
      sha256: async () => executable.executable && hashExecutable(pid, executable.executable),
    };
    return { facts, stackStart: stat.stackStart };
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

// proc(5): the name in parentheses may hold anything, so fields count from the last one.
function parseStat(text: string): { state: string; startTime: string; stackStart: string } | undefined {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state, startTime, stackStart] = [fields[0], fields[19], fields[25]];
  return state && startTime && stackStart ? { state, startTime, stackStart } : undefined;
}

function parseStatus(text: string): { uid: number; gid: number; supplementaryGids: number[] } | undefined {
  // Real, effective, saved, file system: the effective one decides what the process may do, and is what SO_PEERCRED tells.
  const uid = effective(/^Uid:\t(.*)$/m.exec(text)?.[1]);
  const gid = effective(/^Gid:\t(.*)$/m.exec(text)?.[1]);
  const groups = /^Groups:\t(.*)$/m.exec(text)?.[1];
  if (uid === undefined || gid === undefined || groups === undefined) return undefined;
  return { uid, gid, supplementaryGids: groups.split(" ").filter(Boolean).map(Number) };
}

function effective(ids: string | undefined): number | undefined {
  const id = ids?.split("\t")[1];
  return id === undefined ? undefined : Number(id);
}

interface Executable {
  readonly executable: string | undefined;
  readonly path: string | undefined;
}

/** undefined for a zombie or a kernel thread; both parts undefined for another user's process that this one may not look into. */
function executableOf(pid: number): Executable | undefined {
  try {
    const executable = fileId(`/proc/${pid}/exe`);
    return executable === undefined ? undefined : { executable, path: executablePath(pid, executable) };
  } catch (error) {
    if (errorCode(error) === "EACCES") return { executable: undefined, path: undefined };
    throw error;
  }
}

/**
 * The path that leads to the running file here. A deleted or replaced file has none, and neither has one that only another mount
 * namespace shows under this name: any user may build such a namespace.
 */
function executablePath(pid: number, executable: string): string | undefined {
  const path = readlinkSync(`/proc/${pid}/exe`);
  try {
    return path.startsWith("/") && fileId(path) === executable ? path : undefined;
  } catch {
    // A directory on the way can't be looked into: not proven, so not told.
    return undefined;
  }
}

function fileId(path: string): string | undefined {
  const file = statSync(path, { bigint: true, throwIfNoEntry: false });
  return file && `${file.dev}:${file.ino}`;
}

function isGone(error: unknown): boolean {
  return ["ENOENT", "ESRCH"].includes(errorCode(error) ?? "");
}

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
