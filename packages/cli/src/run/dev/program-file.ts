// SPDX-License-Identifier: Apache-2.0
import { chmodSync, constants, copyFileSync, linkSync, realpathSync } from "node:fs";

/**
 * Gives this Node a second path, so that the kernel tells processes of one user apart by their program (`unix:path`): a
 * hard link where the file system allows it (another path in /proc, no copy), else a copy, shared block by block where
 * that is possible. A symbolic link would not do: /proc shows what it points to.
 */
export function programFile(path: string): string {
  const node = realpathSync(process.execPath);
  try {
    linkSync(node, path);
  } catch {
    // Another file system, or a file that this user may read but not link to.
    copyFileSync(node, path, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
    chmodSync(path, 0o700);
  }
  return path;
}
