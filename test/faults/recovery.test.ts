// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from "node:child_process";
import { existsSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { workloadApiService, type X509SVIDResponse } from "@mayfly/rpc";
import { describe, expect, it } from "vitest";
import { firstAnswer, openWorkload } from "../bench/target.ts";
import { MayflyAgent, MayflyServer, until } from "../processes.ts";

/** One message of FetchX509SVID on a connection of its own. */
async function fetchX509(socket: string, timeoutMs = 2_000): Promise<X509SVIDResponse> {
  using channel = openWorkload(socket);
  const method = workloadApiService.methods.FetchX509SVID;
  for await (const response of channel.serverStream(method, {}, { timeoutMs })) return response;
  throw new Error("the stream ended without a message");
}

async function ids(socket: string): Promise<string[]> {
  return (await fetchX509(socket)).svids.map(({ spiffe_id }) => spiffe_id).toSorted();
}

/** When a stream shows this identity; an agent that is on its way back to its server may take some seconds. */
async function shown(socket: string, id: string): Promise<boolean> {
  using channel = openWorkload(socket);
  const method = workloadApiService.methods.FetchX509SVID;
  for await (const { svids } of channel.serverStream(method, {}, { timeoutMs: 30_000 })) {
    if (svids.some(({ spiffe_id }) => spiffe_id === id)) return true;
  }
  return false;
}

type Step = "stop agent" | "stop server" | "start agent" | "start server";

/** Every order in which both can go down and come up again. */
const orders: readonly (readonly Step[])[] = [
  ["stop server", "start server", "stop agent", "start agent"],
  ["stop agent", "start agent", "stop server", "start server"],
  ["stop server", "stop agent", "start server", "start agent"],
  ["stop server", "stop agent", "start agent", "start server"],
  ["stop agent", "stop server", "start server", "start agent"],
  ["stop agent", "stop server", "start agent", "start server"],
];

/** A disk of a few MiB at a folder, filled and emptied at will. */
class SmallDisk implements Disposable {
  readonly #folder: string;

  constructor(folder: string, mebibytes: number) {
    this.#folder = folder;
    const { status, stderr } = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${mebibytes}m,mode=700`, "none", folder]);
    if (status !== 0) throw new Error(`this test mounts a small disk and needs root: ${stderr.toString()}`);
  }

  fill(): void {
    spawnSync("dd", ["if=/dev/zero", `of=${join(this.#folder, "filler")}`, "bs=4k"]);
  }

  empty(): void {
    rmSync(join(this.#folder, "filler"));
  }

  [Symbol.dispose](): void {
    spawnSync("umount", ["-l", this.#folder]);
  }
}

describe("server and agent recover by themselves", () => {
  it("restarted in every order, with crashes for stops", async () => {
    await using server = await MayflyServer.start();
    await using agent = await MayflyAgent.start(server);
    const { id } = agent;
    server.createEntry("/steady", id, ["unix:uid:0"], "--wait");
    const steps: Record<Step, () => Promise<void>> = {
      "stop agent": () => agent.crash(),
      "stop server": () => server.crash(),
      "start agent": async () => agent.spawn(),
      "start server": () => server.boot(),
    };
    for (const [round, order] of orders.entries()) {
      for (const step of order) await steps[step]();
      expect(await firstAnswer(() => ids(agent.socket)), order.join(", ")).toContain("spiffe://example.org/steady");
      // The way from operator to workload is whole again, and the agent is who it was.
      server.createEntry(`/after-${round}`, id, ["unix:uid:0"], "--wait");
      expect(await shown(agent.socket, `spiffe://example.org/after-${round}`)).toBe(true);
    }
  });

  it("an agent whose sockets are deleted makes them again", async () => {
    await using server = await MayflyServer.start();
    await using agent = await MayflyAgent.start(server);
    server.createEntry("/steady", agent.id, ["unix:uid:0"], "--wait");
    rmSync(agent.socket);
    await until(
      () => "the socket",
      () => existsSync(agent.socket) || undefined,
    );
    expect(await firstAnswer(() => ids(agent.socket))).toEqual(["spiffe://example.org/steady"]);
    renameSync(join(agent.socket, ".."), join(agent.dir, "moved-away"));
    await until(
      () => "the socket in its folder",
      () => existsSync(agent.socket) || undefined,
    );
    expect(await firstAnswer(() => ids(agent.socket))).toEqual(["spiffe://example.org/steady"]);
  });

  it("a server on a full disk says so, loses nothing, and goes on when there is room", async () => {
    await using server = await MayflyServer.prepare();
    using disk = new SmallDisk(server.dataDir, 8);
    await server.boot();
    await using agent = await MayflyAgent.start(server);
    server.createEntry("/before", agent.id, ["unix:uid:0"], "--wait");
    await firstAnswer(() => ids(agent.socket));
    disk.fill();
    const refused = await until(
      () => "a refused write",
      () => {
        const path = `/fill-${Math.random()}`;
        const named = [
          "--spiffe-id",
          `spiffe://example.org${path}`,
          "--parent-id",
          agent.id,
          "--selector",
          "unix:uid:1",
        ];
        const tried = server.tryMayfly(["entry", "create", ...named]);
        return tried.status === 0 ? undefined : tried;
      },
    );
    expect(refused.status).toBe(1);
    expect(refused.stderr).toMatch(/disk|space|full|room/i);
    // What is held is served, and nobody lost an identity.
    expect(await ids(agent.socket)).toEqual(["spiffe://example.org/before"]);
    disk.empty();
    server.createEntry("/afterwards", agent.id, ["unix:uid:0"], "--wait");
    expect(await shown(agent.socket, "spiffe://example.org/afterwards")).toBe(true);
  });

  it("an agent on a full disk goes on serving and keeps its state when there is room", async () => {
    await using server = await MayflyServer.start();
    await using agent = await MayflyAgent.prepare(server);
    using disk = new SmallDisk(agent.dataDir, 1);
    await agent.boot();
    server.createEntry("/before", agent.id, ["unix:uid:0"], "--wait");
    disk.fill();
    server.createEntry("/while-full", agent.id, ["unix:uid:0"], "--wait");
    expect(await firstAnswer(() => ids(agent.socket))).toContain("spiffe://example.org/while-full");
    await until(
      () => `word of the full disk: ${agent.log}`,
      () => /no space|full/i.test(agent.log) || undefined,
    );
    disk.empty();
    server.createEntry("/room-again", agent.id, ["unix:uid:0"], "--wait");
    await agent.crash();
    await agent.boot();
    expect(await firstAnswer(() => ids(agent.socket))).toHaveLength(3);
  });

  it("a state file that was damaged is named, and the agent does not start as somebody else", async () => {
    await using server = await MayflyServer.start();
    await using agent = await MayflyAgent.start(server);
    await agent.crash();
    for (const file of agent.stateFiles()) writeFileSync(file, "damaged");
    agent.spawn();
    await until(
      () => `what the agent says: ${agent.log}`,
      () => /STATE|damaged|attest/i.test(agent.log) || undefined,
    );
    expect(agent.log).not.toMatch(/TypeError|undefined/);
  });
});
