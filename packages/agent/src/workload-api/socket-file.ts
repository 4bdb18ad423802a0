// SPDX-License-Identifier: Apache-2.0
import { chmodSync, lstatSync, mkdirSync, statSync, unlinkSync } from "node:fs";
import { connect, type Server } from "node:net";
import { dirname } from "node:path";
import { AgentError } from "../errors.ts";

/** Whether somebody listens on the socket; false also when there is no such file. */
export function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once("connect", () => {
      probe.destroy();
      resolve(true);
    });
    probe.once("error", () => resolve(false));
  });
}

/**
 * Puts `server` on a socket file that every user may connect to (0666 would do; 0777 is what clients expect to see). Directories that are
 * missing are made 0755; one that others may write to is refused unless it is sticky. A dead agent's socket is removed.
 * @throws {AgentError} SOCKET_PATH_UNSAFE
 */
export async function listenOn(server: Server, path: string): Promise<void> {
  prepareDirectory(dirname(path));
  await removeStale(path);
  const listening = new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.once("listening", () => {
      server.off("error", reject);
      resolve();
    });
  });
  server.listen(path);
  await listening;
  chmodSync(path, 0o777);
}

/** Identity of the socket file; undefined when it is gone. */
export function socketFileId(path: string): string | undefined {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found?.isSocket() ? `${found.dev}:${found.ino}` : undefined;
}

function prepareDirectory(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  const { mode, uid } = statSync(directory);
  const own = uid === process.getuid?.() || uid === 0;
  if (!own) throw refuse(`${JSON.stringify(directory)} belongs to another user`);
  // In a directory that others may write to, anyone could put a socket of his own in this place.
  if ((mode & 0o022) !== 0 && (mode & 0o1000) === 0)
    throw refuse(`${JSON.stringify(directory)} is writable for others`);
}

async function removeStale(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) throw refuse(`${JSON.stringify(path)} is in the way and is no socket`);
  if (found.uid !== process.getuid?.()) throw refuse(`${JSON.stringify(path)} belongs to another user`);
  if (await isAnswered(path)) throw refuse(`another agent listens on ${JSON.stringify(path)}`);
  unlinkSync(path);
}

function refuse(message: string): AgentError {
  return new AgentError("SOCKET_PATH_UNSAFE", message);
}
