// SPDX-License-Identifier: Apache-2.0
import { accessSync, chmodSync, constants, copyFileSync, linkSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { CliFailure } from "../../failure.ts";

function tryLink(from: string, path: string): boolean {
  try {
    linkSync(from, path);
    return true;
  } catch {
    // Another file system, or a file that this user may read but not link to.
    return false;
  }
}

/** Puts this Node at the paths: linked where that is possible, else linked to one copy, which shares its blocks if it can. */
function place(paths: readonly string[]): void {
  const node = realpathSync(process.execPath);
  const sources = [node];
  for (const path of paths) {
    if (sources.some((source) => tryLink(source, path))) continue;
    copyFileSync(node, path, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
    chmodSync(path, 0o700);
    sources.push(path);
  }
}

/** False on a file system that is mounted noexec, too: access(2) looks at it. */
function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Gives this Node other paths, in the first of the folders that allows execution, so that the kernel tells processes of one user
 * apart by their program (`unix:path`). A hard link is another path in /proc without a copy; a symbolic link would not do: /proc
 * shows what it points to. @throws {CliFailure} NOT_STARTED
 */
export function programFiles<Name extends string>(
  folders: Iterable<string>,
  names: readonly Name[],
): Readonly<Record<Name, string>> {
  for (const folder of folders) {
    const files = names.map((name) => [name, join(folder, name)] as const);
    const paths = files.map(([, path]) => path);
    place(paths);
    if (paths.every(isExecutable)) return Object.fromEntries(files) as Record<Name, string>;
  }
  throw new CliFailure("NOT_STARTED", "programs can be executed neither in the directory nor elsewhere", {
    hint: "--dir takes a directory on a file system that is not mounted noexec",
  });
}
