// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { expectCode } from "@mayfly/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { leaseFromBroker } from "../src/client.ts";
import { until, World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

describe("a broker that hears nothing of the server", () => {
  it("cuts what is at T2 after 3 s and gives nothing new there, and goes on at T0", async () => {
    world.feed.say("t-two", "active", { tier: "T2" });
    world.feed.say("t-zero", "active", { tier: "T0" });
    const [two, zero] = [await world.client("t-two"), await world.client("t-zero")];
    let endedAt = 0;
    two.once("end", () => (endedAt = performance.now()));
    const silentAt = performance.now();
    world.feed.isSilent = true;
    await until(() => endedAt > 0);
    expect(endedAt - silentAt).toBeGreaterThan(2_500);
    expect(endedAt - silentAt).toBeLessThan(3_400);
    await expectCode(world.client("t-two"), "FENCED");
    expect((await zero.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
    await until(() => world.broker.book.ofTask("t-two").length === 0);
    world.feed.isSilent = false;
    await until(
      async () =>
        await world.client("t-two").then(
          async (client) => {
            await client.end();
            return true;
          },
          () => false,
        ),
    );
    await zero.end();
  });
});

describe("SEC-D06 a database that is down when a lease ends", () => {
  it("has the lease stuck, alarmed and tried again until it is proven gone", async () => {
    world.feed.say("t-down", "active");
    const client = await world.client("t-down");
    const lost = new Promise((resolve) => client.once("end", resolve));
    await world.cluster.postgres.stopServer();
    await lost;
    world.feed.say("t-down", "ended");
    const [held] = world.broker.book.ofTask("t-down");
    const of = () => world.ledger.reports.filter(({ id }) => id === held?.lease.id);
    await until(() => of().at(-1)?.state === "stuck", 15_000);
    expect(of().at(-1)?.problem).toContain("TARGET_UNAVAILABLE");
    await until(() => world.log.includes("lease_stuck"));
    expect(world.feed.reports.at(-1)).toMatchObject({ taskId: "t-down", isDone: false });
    const tries = world.log.split("lease_stuck").length;
    await until(() => world.log.split("lease_stuck").length > tries, 10_000);
    await world.cluster.postgres.startServer();
    await until(() => world.feed.reports.at(-1)?.isDone === true, 20_000);
    expect(of().at(-1)).toMatchObject({ state: "gone" });
    await until(() => world.broker.book.all.length === 0, 10_000);
  });
});

describe("a lease that resists", () => {
  it("is stuck with its reason while a lock holds its object, and gone after that", async () => {
    const admin = await world.cluster.login({});
    await admin.query("CREATE SCHEMA open; GRANT CREATE, USAGE ON SCHEMA open TO PUBLIC");
    world.feed.say("t-lock", "active");
    const client = await world.client("t-lock");
    await client.query("CREATE TABLE open.theirs (a int)");
    await admin.query("BEGIN; SELECT * FROM open.theirs");
    world.feed.say("t-lock", "ending");
    await until(() => world.broker.book.ofTask("t-lock")[0]?.state === "stuck", 10_000);
    expect(world.broker.book.ofTask("t-lock")[0]?.problem).toContain("55P03");
    await expect(client.query("SELECT 1")).rejects.toThrow();
    await admin.query("COMMIT");
    await until(() => world.broker.book.ofTask("t-lock").length === 0, 10_000);
    await admin.query("DROP SCHEMA open CASCADE");
    await admin.end();
  });
});

describe("reports", () => {
  it("reach a server that was away when a lease ended", async () => {
    world.feed.say("t-away", "active");
    const lease = await leaseFromBroker(world.address(), { statement: world.statement("t-away"), target: "orders" });
    world.ledger.isDown = true;
    world.feed.say("t-away", "ended");
    await until(() => world.broker.book.ofTask("t-away").length === 0);
    await sleep(300);
    expect((await world.ledger.list().catch(() => [])).length).toBe(0);
    world.ledger.isDown = false;
    await until(() => world.ledger.reports.some(({ id, state }) => id === lease.lease && state === "gone"), 6_000);
    expect((await world.ledger.list()).some(({ id }) => id === lease.lease)).toBe(false);
  });
});

describe("the reconciler", () => {
  it("drops roles that no lease explains and reports those that it never made", async () => {
    await world.cluster.superuser.query(
      "CREATE ROLE mayfly_t_orphan LOGIN IN ROLE readers ROLE mayfly_broker; CREATE ROLE mayfly_t_another_brokers LOGIN; CREATE ROLE by_hand LOGIN PASSWORD 'x'; CREATE ROLE no_login",
    );
    const session = await world.cluster.login({ user: "by_hand", password: "x" });
    expect(await world.broker.reconciler.reconcile(world.target)).toMatchObject({
      orphans: ["mayfly_t_orphan"],
      foreign: [],
    });
    const accounts = new Map(world.ledger.unmanaged.get("orders")?.map((one) => [one.account, one]));
    expect(accounts.get("by_hand")).toMatchObject({ canLogin: true, legacy: false, lastActivityAt: expect.any(Date) });
    expect(accounts.get("no_login")).toMatchObject({ canLogin: false, lastActivityAt: undefined });
    expect([...accounts.keys()]).toContain("mayfly_t_another_brokers");
    expect([...accounts.keys()]).not.toContain("readers");
    expect([...accounts.keys()]).not.toContain("mayfly_broker");
    const seen = accounts.get("by_hand")?.lastActivityAt;
    await session.end();
    await sleep(50);
    await world.broker.reconciler.reconcile(world.target);
    expect(world.ledger.unmanaged.get("orders")?.find(({ account }) => account === "by_hand")?.lastActivityAt).toEqual(
      seen,
    );
    expect(await world.cluster.roles("mayfly\\_t\\_orphan")).toEqual([]);
    await world.cluster.superuser.query("DROP ROLE mayfly_t_another_brokers");
  });

  it("does not touch what is being made while it looks", async () => {
    world.feed.say("t-busy", "active");
    for (let round = 0; round < 5; round++) {
      const clients = Array.from({ length: 6 }, () => world.client("t-busy"));
      const looks = await Promise.all(Array.from({ length: 6 }, () => world.broker.reconciler.reconcile(world.target)));
      expect(looks.flatMap(({ orphans, foreign }) => [...orphans, ...foreign])).toEqual([]);
      for (const client of await Promise.all(clients)) await client.end();
    }
  });

  it("ends what an earlier process left: the lease, its role and its open session", async () => {
    world.feed.say("t-restart", "active");
    const lease = await leaseFromBroker(world.address(), { statement: world.statement("t-restart"), target: "orders" });
    const session = await world.cluster.login({ user: lease.user, password: lease.password });
    // As a kill would: nothing is ended, the memory is gone.
    const next = await world.twin();
    await until(() => world.ledger.reports.some(({ id, state }) => id === lease.lease && state === "gone"));
    await expect(session.query("SELECT 1")).rejects.toThrow();
    expect(await world.cluster.roles(lease.user)).toEqual([]);
    await next[Symbol.asyncDispose]();
  });
});

describe("a broker that stops", () => {
  it("leaves nothing behind", async () => {
    world.feed.say("t-stop", "active");
    const clients = await Promise.all(Array.from({ length: 5 }, () => world.client("t-stop")));
    await world.broker[Symbol.asyncDispose]();
    expect(await world.cluster.roles()).toEqual([]);
    for (const client of clients) await expect(client.query("SELECT 1")).rejects.toThrow();
    expect(await world.ledger.list()).toEqual([]);
    await world.startBroker();
  });
});
