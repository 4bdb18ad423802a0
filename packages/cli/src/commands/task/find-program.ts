// SPDX-License-Identifier: Apache-2.0
import { accessSync, closeSync, constants, openSync, readSync, statSync } from "node:fs";
import { delimiter, isAbsolute, resolve } from "node:path";
import { CliFailure } from "../../failure.ts";

const defaultPath = "/usr/local/bin:/usr/bin:/bin";

/** Absolute path of a program as a shell finds it: by PATH unless the name has a slash. @throws {CliFailure} NOT_STARTED */
export function findProgram(name: string, path: string | undefined): string {
  const candidates = name.includes("/")
    ? [resolve(name)]
    : (path ?? defaultPath).split(delimiter).map((directory) => resolve(directory === "" ? "." : directory, name));
  const found = candidates.find(isFile);
  if (name === "" || found === undefined) throw notStarted(name, "there is no such program");
  assertRunnable(name, found);
  return found;
}

function isFile(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** What the kernel would refuse is refused while there is still a process that can say so. @throws {CliFailure} NOT_STARTED */
function assertRunnable(name: string, file: string): void {
  const head = headOf(file);
  // A program that may be run but not read.
  if (head === undefined || head.startsWith("\u007fELF")) return;
  if (!head.startsWith("#!")) throw notStarted(name, "it is neither a binary nor a script that names its interpreter");
  const interpreter = /^#![ \t]*(\S+)/.exec(head)?.[1] ?? "";
  if (!isAbsolute(interpreter) || !isFile(interpreter))
    throw notStarted(name, `its interpreter ${interpreter} is missing`);
}

function headOf(file: string): string | undefined {
  try {
    const descriptor = openSync(file, constants.O_RDONLY);
    try {
      const head = Buffer.alloc(256);
      return head.toString("latin1", 0, readSync(descriptor, head));
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return undefined;
  }
}

function notStarted(name: string, why: string): CliFailure {
  return new CliFailure("NOT_STARTED", `cannot start ${JSON.stringify(name)}: ${why}`);
}
