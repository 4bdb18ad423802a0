// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from "node:crypto";
import { open, readFile, rename, stat, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { AgentError } from "../errors.ts";

/** Replaces a file as a whole, 0600: after a crash at any instant there is the old content or the new one. Resolves when the disk has it. */
export async function writeAtomically(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    await using file = await open(temporary, "wx", 0o600);
    // The umask can only narrow the mode; a file system that widens it is told.
    await file.chmod(0o600);
    await file.writeFile(text);
    await file.sync();
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
  await rename(temporary, path);
  await using directory = await open(dirname(path), "r");
  await directory.sync();
}

/** The text of a file that only its owner may touch; undefined when there is none. @throws {AgentError} STATE_UNSAFE */
export async function readPrivate(path: string): Promise<string | undefined> {
  try {
    const { mode, uid } = await stat(path);
    if ((mode & 0o077) !== 0 || uid !== process.getuid?.()) {
      throw new AgentError("STATE_UNSAFE", `${JSON.stringify(path)} must belong to the agent's user alone (mode 0600)`);
    }
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
