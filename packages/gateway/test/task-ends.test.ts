// SPDX-License-Identifier: Apache-2.0
import { connect } from "node:tls";
import type { GrantReport } from "@mayfly/rpc";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { denialOf, rawAgent } from "./world/agent.ts";
import { ca } from "./world/identities.ts";
import { startWorld, taskOf, type World } from "./world/world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const reasonOf = ({ json }: { json: { error?: { data?: Record<string, unknown> } } }): unknown =>
  json.error?.data?.["reason"];

/** Starts a call that the tool holds open. */
async function slowCall(
  path: string,
): Promise<{ readonly failed: Promise<unknown>; readonly agent: ReturnType<typeof rawAgent> }> {
  const agent = rawAgent(world, path);
  const held = world.tools.held.size;
  const failed = agent.call("slow").then(
    (answer) => answer.text,
    (error: unknown) => error,
  );
  await expect.poll(() => world.tools.held.size).toBe(held + 1);
  return { failed, agent };
}

describe("a task that ends", () => {
  it.each(["ended", "ending", "suspended"])(
    "%s: its connections and its running calls are cut, and the cut is reported with evidence",
    async (state) => {
      const task = world.start();
      const { failed, agent } = await slowCall(task.path);
      const cutShort = world.tools.closedEarly.count;
      const startedMs = performance.now();
      world.change(task, { state, revision: "8" });
      expect(await failed).toMatchObject({ code: "ECONNRESET" });
      expect(performance.now() - startedMs).toBeLessThan(500);
      await expect.poll(() => world.tools.closedEarly.count, { timeout: 5000 }).toBe(cutShort + 1);
      const report = await awaited(() => world.server.reports.find(({ task_id, done }) => done && task_id === task.id));
      expect(report).toMatchObject({ revision: "8", done: true });
      const grants = grantsOf(task.id, "8").map(({ kind, gone, evidence_json }) => ({
        kind,
        gone,
        ...(JSON.parse(evidence_json) as { by: string; method: string }),
      }));
      expect(grants).toHaveLength(3);
      for (const grant of grants)
        expect(grant).toMatchObject({ kind: "connection", gone: true, by: "spiffe://example.org/gateway" });
      expect(grants.map(({ method }) => method).toSorted()).toEqual([
        "connections-counted",
        "request-aborted",
        "socket-closed",
      ]);
      const [callId] = [...world.server.ledger.intents].findLast(([, intent]) => intent.taskId === task.id)!;
      await expect
        .poll(() => world.server.ledger.outcomes.get(callId))
        .toMatchObject({ outcome: "unknown", detail: "CUT" });
      expect(reasonOf(await agent.call("query", { table: "orders" }))).toBe("TASK_NOT_ACTIVE");
      agent[Symbol.dispose]();
    },
  );

  it("cuts connections on which nothing was asked yet", async () => {
    const task = world.start();
    const { chain, privateKey } = ca.issue(task.path);
    const pem = chain
      .map((der) => `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString("base64")}\n-----END CERTIFICATE-----\n`)
      .join("");
    const key = privateKey.export({ format: "pem", type: "pkcs8" });
    const socket = connect({ port: world.gateway.port, host: "127.0.0.1", cert: pem, key, rejectUnauthorized: false });
    await new Promise((resolve) => socket.once("secureConnect", resolve));
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.resume();
    await new Promise((resolve) => setTimeout(resolve, 50));
    world.change(task, { state: "ended", revision: "8" });
    await closed;
    const report = await awaited(() => world.server.reports.find(({ task_id, done }) => done && task_id === task.id));
    expect(report.grants).toMatchObject([{ ref: "*", gone: true }]);
    const told = [...grantsOf(task.id, "0"), ...grantsOf(task.id, "8")].filter(({ ref }) => ref !== "*");
    expect(told.map(({ gone }) => gone)).toEqual([false, true, true]);
    expect(new Set(told.map(({ ref }) => ref)).size).toBe(1);
  });

  it("resumes when the server says so, and old news of it change nothing", async () => {
    const task = world.start();
    using agent = rawAgent(world, task.path);
    world.change(task, { state: "suspended", revision: "9" });
    await expect
      .poll(async () => reasonOf(await agent.call("query", { table: "orders" }).catch(() => ({ json: {} }))))
      .toBe("TASK_NOT_ACTIVE");
    world.change(task, { state: "active", revision: "8" });
    expect(reasonOf(await agent.call("query", { table: "orders" }))).toBe("TASK_NOT_ACTIVE");
    world.change(task, { state: "active", revision: "10" });
    await expect.poll(async () => (await agent.call("query", { table: "orders" })).status).toBe(200);
  });

  it("ends by its own deadline, without a word of the server", async () => {
    const task = world.start({ ttlMs: 700 });
    const { failed, agent } = await slowCall(task.path);
    expect(await failed).toMatchObject({ code: "ECONNRESET" });
    expect(reasonOf(await agent.call("query", { table: "orders" }))).toBe("TASK_EXPIRED");
    agent[Symbol.dispose]();
  });

  it("takes its descendants with it", async () => {
    const parent = world.start();
    const child = world.start({ parent: parent.id, depth: 1 });
    using agent = rawAgent(world, child.path);
    expect((await agent.call("query", { table: "orders" })).status).toBe(200);
    world.change(parent, { state: "suspended", revision: "8" });
    await expect.poll(async () => reasonOf(await agent.call("query", { table: "orders" }))).toBe("TASK_NOT_ACTIVE");
  });
});

describe("a task that is not known", () => {
  it("is refused", async () => {
    const stranger = taskOf({});
    using agent = rawAgent(world, stranger.path);
    const answer = await agent.call("query", { table: "orders" });
    expect([answer.status, reasonOf(answer)]).toEqual([403, "TASK_UNKNOWN"]);
    const orphan = world.start({ parent: stranger.id, depth: 1 });
    using child = rawAgent(world, orphan.path);
    expect(reasonOf(await child.call("query", { table: "orders" }))).toBe("TASK_UNKNOWN");
  });

  it("is waited for a moment when it has just been started", async () => {
    const task = taskOf({});
    using agent = rawAgent(world, task.path);
    const calling = agent.call("query", { table: "orders" });
    setTimeout(() => world.server.push(task.standing), 100);
    expect((await calling).status).toBe(200);
  });

  it("by the identity that its certificate has, is refused even when its id is known", async () => {
    const task = world.start();
    using agent = rawAgent(world, `/agent/other/task/${task.id}`);
    expect(reasonOf(await agent.call("query", { table: "orders" }))).toBe("TASK_UNKNOWN");
  });

  it("with a scope that can't be read may do nothing", async () => {
    const task = world.start();
    world.change(task, { revision: "8", scope_json: '{"tools":"all"}' });
    using agent = rawAgent(world, task.path);
    await expect
      .poll(async () => reasonOf(await agent.call("query", { table: "orders" }).catch(() => ({ json: {} }))))
      .toBe("TASK_NOT_ACTIVE");
  });

  it.each(["/agent/support", "/workload", "/tool/orders", "/gateway", "/agent/task/t-aaaaaaaaaaaaaaaa"])(
    "%s is no task: the handshake is refused",
    async (path) => {
      using agent = rawAgent(world, path);
      await expect(agent.call("query", { table: "orders" })).rejects.toThrow();
    },
  );
});

describe("a gateway that does not hear from the server", () => {
  it("fences itself: nothing passes after 3 s at T2, and running calls are cut; it comes back by itself", async () => {
    const task = world.start({ tier: "T2" });
    const { failed, agent } = await slowCall(task.path);
    world.server.silent = true;
    const silentMs = performance.now();
    const streams = world.server.streams;
    expect(await failed).toMatchObject({ code: "ECONNRESET" });
    const cutAfterMs = performance.now() - silentMs;
    expect(cutAfterMs).toBeGreaterThan(1500);
    expect(cutAfterMs).toBeLessThan(3300);
    const answer = await agent.call("query", { table: "orders" });
    expect([answer.status, reasonOf(answer)]).toEqual([403, "GUARD_FENCED"]);
    const patient = world.start({ tier: "T1" });
    using other = rawAgent(world, patient.path);
    await expect
      .poll(async () => denialOf(await other.call("query", { table: "x" }))?.reason)
      .toBe("ARGUMENT_OVER_LIMIT");
    world.server.silent = false;
    await expect.poll(async () => (await agent.call("query", { table: "orders" })).status, { timeout: 8000 }).toBe(200);
    expect(world.server.streams).toBeGreaterThan(streams);
    agent[Symbol.dispose]();
  }, 20_000);
});

/** All grants that were told of for a task at a revision. */
function grantsOf(task: string, at: string): GrantReport[] {
  const reports = world.server.reports.filter(({ task_id, revision }) => task_id === task && revision === at);
  return reports.flatMap(({ grants }) => grants);
}

/** What a poll finds. */
async function awaited<T>(find: () => T | undefined): Promise<T> {
  for (let tries = 0; tries < 100; tries++) {
    const found = find();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("it did not come");
}
