// SPDX-License-Identifier: Apache-2.0
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";

const privateMode = 0o600;
const publicMode = 0o644;

/** Secrets by their name; everything else is public. */
function modeOf(name: string): number {
  return /key|token/.test(name) ? privateMode : publicMode;
}

/** Writes files into a directory, each replaced at once (write, fsync, rename); keys and tokens 0600. Returns the names. */
export function writeFiles(directory: string, files: Readonly<Record<string, string>>): string[] {
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  for (const [name, content] of Object.entries(files)) {
    const temporary = join(directory, `.${name}.${process.pid}`);
    const file = openSync(temporary, "w", modeOf(name));
    try {
      writeSync(file, content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, join(directory, name));
  }
  return Object.keys(files);
}
