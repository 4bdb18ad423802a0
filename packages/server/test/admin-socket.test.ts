// SPDX-License-Identifier: Apache-2.0
import { chmod, mkdir, mkdtemp, rename, rm, stat, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openAdminSocket } from "../src/transport/admin-socket.ts";

describe("the admin socket", () => {
  let directory: string;
  const open: Server[] = [];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "mayfly-admin-"));
  });

  afterEach(async () => {
    for (const server of open.splice(0)) server.close();
    await rm(directory, { recursive: true, force: true });
  });

  async function openAt(path: string, gid?: number): Promise<void> {
    open.push(await openAdminSocket({ path, gid }, (socket) => socket.destroy()));
  }
  const mode = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;

  it("is its owner's alone, in a folder that is made for it", async () => {
    const path = join(directory, "run", "server", "admin.sock");
    await openAt(path);
    expect(await mode(path)).toBe(0o600);
    expect(await mode(join(directory, "run", "server"))).toBe(0o700);
  });

  it("may be used by one group where that is configured", async () => {
    const path = join(directory, "run", "admin.sock");
    await openAt(path, process.getgid?.());
    expect(await mode(path)).toBe(0o660);
    expect(await mode(join(directory, "run"))).toBe(0o750);
  });

  it("leaves the mode of a folder that was there", async () => {
    await chmod(directory, 0o755);
    await openAt(join(directory, "admin.sock"));
    expect(await mode(directory)).toBe(0o755);
  });

  it("is not opened where others could put another in its place", async () => {
    const shared = join(directory, "shared");
    await mkdir(shared);
    await chmod(shared, 0o777);
    await expect(openAt(join(shared, "admin.sock"))).rejects.toMatchObject({ code: "SOCKET_PATH_UNSAFE" });
  });

  it("takes the place of one that a dead server left, and of nothing else", async () => {
    const path = join(directory, "admin.sock");
    await writeFile(path, "");
    await expect(openAt(path)).rejects.toMatchObject({ code: "SOCKET_PATH_UNSAFE" });
    await rm(path);
    await openAt(path);
    await expect(openAt(path)).rejects.toMatchObject({ code: "SOCKET_PATH_UNSAFE" });
    const stale = join(directory, "stale.sock");
    await leaveStale(stale);
    await openAt(stale);
    expect((await stat(stale)).isSocket()).toBe(true);
  });
});

/** A socket file that nobody listens on, as after kill -9: the listener moves away from under it. */
async function leaveStale(path: string): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(`${path}.live`, resolve));
  await rename(`${path}.live`, path);
  await new Promise<void>((resolve) => server.close(() => resolve()));
}
