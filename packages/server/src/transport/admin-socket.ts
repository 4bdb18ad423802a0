// SPDX-License-Identifier: Apache-2.0
import { chmodSync, chownSync, lstatSync, mkdirSync, statSync, unlinkSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { dirname } from "node:path";
import { ServerStateError } from "../errors.ts";

/** Where the admin socket lies and who may use it. */
export interface AdminSocketOptions {
  readonly path: string;
  /** Group allowed besides the owner; undefined = owner only. */
  readonly gid: number | undefined;
}

function refuse(message: string): ServerStateError {
  return new ServerStateError("SOCKET_PATH_UNSAFE", message);
}

/** A folder that is made is ours alone; one that was there keeps its mode, but nobody else may be able to put a socket there. */
function prepareDirectory({ path, gid }: AdminSocketOptions): void {
  const directory = dirname(path);
  const made = mkdirSync(directory, { recursive: true, mode: 0o700 });
  const { uid, mode } = statSync(directory);
  if (made !== undefined && gid !== undefined) {
    chownSync(directory, uid, gid);
    chmodSync(directory, 0o750);
  }
  if (uid !== process.getuid?.() && uid !== 0) throw refuse(`${JSON.stringify(directory)} belongs to another user`);
  if ((mode & 0o022) !== 0 && (mode & 0o1000) === 0) throw refuse(`others may write to ${JSON.stringify(directory)}`);
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once("connect", () => {
      probe.destroy();
      resolve(true);
    });
    probe.once("error", () => {
      resolve(false);
    });
  });
}

/** Removes a socket that a dead server left behind; anything else in its place is an error. */
async function removeStale(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) throw refuse(`${JSON.stringify(path)} is in the way and is no socket`);
  if (found.uid !== process.getuid?.()) throw refuse(`${JSON.stringify(path)} belongs to another user`);
  if (await isAnswered(path)) throw refuse(`another server listens on ${JSON.stringify(path)}`);
  unlinkSync(path);
}

/** Opens the admin socket: never wider than 0600 for an instant, then 0660 if a group may use it. @throws {ServerStateError} SOCKET_PATH_UNSAFE */
export async function openAdminSocket(
  options: AdminSocketOptions,
  onConnection: (socket: Socket) => void,
): Promise<Server> {
  prepareDirectory(options);
  await removeStale(options.path);
  const server = createServer(onConnection);
  const listening = new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.once("listening", resolve);
  });
  // listen() binds before it returns, so the umask is ours alone.
  const before = process.umask(0o177);
  try {
    server.listen(options.path);
  } finally {
    process.umask(before);
  }
  await listening;
  if (options.gid !== undefined) {
    chownSync(options.path, process.getuid?.() ?? -1, options.gid);
    chmodSync(options.path, 0o660);
  }
  return server;
}
