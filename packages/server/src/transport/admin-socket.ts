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

function prepareDirectory({ path, gid }: AdminSocketOptions): void {
  const directory = dirname(path);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const found = statSync(directory);
  if (found.uid !== process.getuid?.()) throw refuse(`${JSON.stringify(directory)} belongs to another user`);
  if (gid !== undefined) chownSync(directory, found.uid, gid);
  chmodSync(directory, gid === undefined ? 0o700 : 0o750);
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
