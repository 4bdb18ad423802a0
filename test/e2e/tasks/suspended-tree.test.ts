// SPDX-License-Identifier: Apache-2.0
// Thirteen processes, each with a task of one tree: what is left of them when the root is suspended, at every guard.
import { mayflyTasksService, RpcChannel } from "@mayfly/rpc";
import { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DemoWorld } from "../../demo/world/demo-world.ts";
import { scopes } from "../../demo/world/configurations.ts";
import { Probing } from "../../faults/guards/probing.ts";
import { WatchedTask } from "../../faults/guards/watched-task.ts";

describe("a tree of thirteen tasks", () => {
  let world: DemoWorld;
  let tree: readonly WatchedTask[];
  let database: Pool;
  let admin: RpcChannel;
  beforeAll(async () => {
    world = await DemoWorld.start();
    database = new Pool({ ...world.postgres.login(), max: 1 });
    admin = RpcChannel.open({ address: `unix://${world.server.adminSocket}` });
    const root = WatchedTask.adopt(world, await world.startTask({ scope: scopes.scribe }));
    const children = await delegations(root, 400);
    const grandchildren = await Promise.all(children.map((child) => delegations(child, 300)));
    tree = [root, ...children, ...grandchildren.flat()];
  }, 240_000);
  afterAll(async () => {
    admin.close();
    await database.end();
    await world[Symbol.asyncDispose]();
  }, 60_000);

  /** Three, which is as many as a task of this tier may have. */
  async function delegations(parent: WatchedTask, ttlSeconds: number): Promise<WatchedTask[]> {
    const children: WatchedTask[] = [];
    for (let child = 0; child < 3; child += 1) children.push(await parent.delegate(world, ttlSeconds));
    return children;
  }
  async function sessions(): Promise<number> {
    const text = "SELECT FROM pg_stat_activity WHERE starts_with(usename, 'mayfly_t_')";
    return (await database.query(text)).rowCount ?? 0;
  }

  it("is refused everywhere when its root is suspended", { timeout: 300_000 }, async () => {
    expect(tree).toHaveLength(13);
    // More than once on a machine so busy that a guard is fenced now and then.
    const inSession = async (): Promise<number> => {
      for (const task of tree) await task.calls();
      return await sessions();
    };
    await expect.poll(inSession, { timeout: 120_000 }).toBe(13);
    const held = await Promise.all(tree.map((task) => task.hold()));
    // Watched from before; calls and SVIDs are asked for at once after the answer, so as not to slow down what is measured.
    const connections = held.map((isOpen) => new Probing(isOpen));
    const session = new Probing(async () => (await sessions()) > 0);
    await Promise.all([...connections, session].map(({ firstPass }) => firstPass));
    const { SuspendTask } = mayflyTasksService.methods;
    const suspendedMs = performance.now();
    await admin.unary(SuspendTask, { id: tree[0]?.id ?? "", why: "a test" });
    const answeredMs = performance.now() - suspendedMs;
    const watching = {
      connections,
      sessions: [session],
      calls: tree.map((task) => new Probing(() => task.calls())),
      SVIDs: tree.map((task) => new Probing(() => task.getsSvid())),
    };
    await expect.poll(sessions, { timeout: 20_000 }).toBe(0);
    await expect.poll(() => held.filter((isOpen) => isOpen()).length, { timeout: 20_000 }).toBe(0);
    const probes = Object.values(watching).flat();
    // Each had time to be refused since.
    await expect.poll(() => probes.every(({ refusals }) => refusals > 1), { timeout: 60_000 }).toBe(true);
    await Promise.all(probes.map((probe) => probe.stop()));
    for (const task of tree) {
      expect(await task.getsSvid()).toBe(false);
      expect(await task.calls()).toBe(false);
    }
    const lasts = Object.entries(watching).map(([what, of]) => {
      const ms = Math.max(...of.map(({ lastPassMs }) => lastPassMs - suspendedMs));
      return `${what} ${Number.isFinite(ms) ? `${ms.toFixed(0)} ms` : "never"}`;
    });
    const answered = `root of 13 suspended, answered after ${answeredMs.toFixed(0)} ms`;
    console.log(`${answered}; seen to work last, ms after the order: ${lasts.join(", ")}`);
  });
});
