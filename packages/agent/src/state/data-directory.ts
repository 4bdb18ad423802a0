// SPDX-License-Identifier: Apache-2.0
import { chmod, mkdir, open, readdir, stat, unlink } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { AgentError } from "../errors.ts";
import { isAnswered } from "../workload-api/socket-file.ts";

/** The agent's directory, locked for this process as long as it is not disposed. */
export interface DataDirectory extends AsyncDisposable {
  readonly identityFile: string;
  readonly entriesFile: string;
  readonly bindingsFile: string;
}

/** Makes the directory (0700) or checks it, removes what a crash left half-written, and locks it. @throws {AgentError} STATE_UNSAFE, DATA_DIR_IN_USE */
export async function openDataDirectory(path: string): Promise<DataDirectory> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  const { uid, mode } = await stat(path);
  if (uid !== process.getuid?.())
    throw new AgentError("STATE_UNSAFE", `${JSON.stringify(path)} belongs to another user`);
  if ((mode & 0o077) !== 0) await chmod(path, 0o700);
  await using resources = new AsyncDisposableStack();
  resources.use(await takeLock(path));
  for (const name of await readdir(path)) if (name.endsWith(".tmp")) await unlink(join(path, name));
  const held = resources.move();
  return {
    identityFile: join(path, "identity.json"),
    entriesFile: join(path, "entries.json"),
    bindingsFile: join(path, "bindings.json"),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

/** A listening socket is a lock that a dead process can't keep. */
async function takeLock(directory: string): Promise<AsyncDisposable> {
  await using resources = new AsyncDisposableStack();
  const { fd } = resources.use(await open(directory, "r"));
  // A socket's address has room for some hundred characters only; this way to the same place is short.
  const path = `/proc/self/fd/${fd}/lock.sock`;
  if (await isAnswered(path)) throw new AgentError("DATA_DIR_IN_USE", "another agent works in this data directory");
  await unlink(path).catch(ignoreMissing);
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ path, exclusive: true }, resolve);
  });
  server.unref();
  resources.defer(() => closed(server));
  return resources.move();
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
}
