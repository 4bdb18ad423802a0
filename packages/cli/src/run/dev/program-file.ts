// SPDX-License-Identifier: Apache-2.0
import { chmodSync, constants, copyFileSync, linkSync, realpathSync } from "node:fs";

function tryLink(from: string, path: string): boolean {
  try {
    linkSync(from, path);
    return true;
  } catch {
    // Another file system, or a file that this user may read but not link to.
    return false;
  }
}

/**
 * Gives this Node other paths, so that the kernel tells processes of one user apart by their program (`unix:path`): hard links where
 * the file system allows them (another path in /proc, no copy), else links to one copy, which shares its blocks where that is
 * possible. A symbolic link would not do: /proc shows what it points to.
 */
export function programFiles(paths: readonly string[]): void {
  const node = realpathSync(process.execPath);
  const sources = [node];
  for (const path of paths) {
    if (sources.some((source) => tryLink(source, path))) continue;
    copyFileSync(node, path, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
    chmodSync(path, 0o700);
    sources.push(path);
  }
}
