// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { link, open, readdir, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";

const unfinished = ".new";

/** Writes a new file of mode 0600: all of it or nothing, on the disk before this resolves. False when the path is taken: it never replaces. */
export async function createPrivateFile(path: string, bytes: Uint8Array): Promise<boolean> {
  const temporary = `${path}.${randomBytes(8).toString("hex")}${unfinished}`;
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const handle = await open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
    // Unlike rename, link fails where something is.
    await link(temporary, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    await handle.close();
    await unlink(temporary);
  }
  await syncFolder(dirname(path));
  return true;
}

/** Removes what `createPrivateFile` left in a folder when the process was killed in it. Nobody else may be writing there. */
export async function removeUnfinished(folder: string): Promise<void> {
  const names = await readdir(folder);
  for (const name of names.filter((each) => each.endsWith(unfinished))) await unlink(join(folder, name));
}

/** Makes what happened to a folder's names durable. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
