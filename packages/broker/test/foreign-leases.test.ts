// SPDX-License-Identifier: Apache-2.0
// Somebody else's lease, at the real broker and the real server.
import { mayflyLeasesService, type RpcChannel, type TaskMessage } from "@mayfly/rpc";
import { exact, oneOf, signCallStatement, type X509Source } from "@mayfly/spiffe-client";
import { createLogger } from "@mayfly/telemetry";
import { expectCode } from "@mayfly/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GuardUnderTest, SyncUnderTest } from "../../server/test/tasks/guard-under-test.ts";
import { codeOf, TaskWorld } from "../../server/test/tasks/task-world.ts";
import { connectThroughBroker, endLeaseAtBroker, leaseFromBroker, type LeasedCredential } from "../src/client.ts";
import { joinServer } from "../src/join-server.ts";
import type { Broker } from "../src/start-broker.ts";
import { LeaseCluster } from "./target.ts";
import { MintedIdentities } from "./task-ends/identities.ts";
import { until } from "./world.ts";

const { GetLease, ListLeases, ReportLease, RevokeLease } = mayflyLeasesService.methods;
let world: TaskWorld;
let cluster: LeaseCluster;
let broker: Broker;
let ids: MintedIdentities;
let gateway: X509Source;
let owner: X509Source;
const guards: Disposable[] = [];

beforeAll(async () => {
  [world, cluster] = await Promise.all([
    TaskWorld.start("T2", ["spiffe://example.org/broker-2"]),
    LeaseCluster.start(),
  ]);
  ids = await MintedIdentities.of(world.admin);
  [gateway, owner] = [await ids.source("/gateway"), await ids.source("/tools/orders")];
  // The node's agent answers: an end waits for nobody.
  for (const part of [
    new GuardUnderTest(world.under.as(world.node), "agent"),
    new SyncUnderTest(world.under.as(world.node)),
  ])
    guards.push({ [Symbol.dispose]: () => part.stop() });
  broker = await joinServer({
    server: `127.0.0.1:${String(world.under.server.address.port)}`,
    trustDomain: gateway.svid.id.trustDomain,
    version: "test",
    source: await ids.source("/broker"),
    listen: { host: "127.0.0.1", port: 0 },
    toolServers: oneOf("spiffe://example.org/tools/orders", "spiffe://example.org/tools/other"),
    gateways: exact("spiffe://example.org/gateway"),
    targets: [
      cluster.config(),
      {
        ...cluster.config(),
        name: "private",
        rolePrefix: "prv_",
        toolServers: exact("spiffe://example.org/tools/other"),
      },
    ],
    logger: createLogger({ level: "error", format: "json", destination: process.stderr }),
  });
});
afterAll(async () => {
  for (const guard of guards) guard[Symbol.dispose]();
  await broker[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
});

const at = (source: X509Source) => ({
  source,
  authorize: exact("spiffe://example.org/broker"),
  host: "127.0.0.1",
  port: broker.port,
});

/** What the gateway says of a new call, to one tool server. */
async function stated(task: TaskMessage, audience = "spiffe://example.org/tools/orders"): Promise<string> {
  const { call_id: call } = await world.begin(world.call(task));
  const claims = { task: task.id, call, tool: "orders.query", argumentsDigest: "sha-256:00" };
  return signCallStatement(claims, gateway.svid, { audience: [audience] });
}

/** A credential of the tool server `orders`, in a task of its own. */
async function leased(): Promise<{ readonly task: TaskMessage; readonly lease: LeasedCredential }> {
  const task = await world.startTask();
  const statement = await stated(task);
  // As soon as the broker has heard of the task.
  for (;;) {
    const lease = await leaseFromBroker(at(owner), { statement, target: "orders" }).catch((error: { code: string }) => {
      if (error.code !== "TASK_NOT_ACTIVE") throw error;
      return undefined;
    });
    if (lease !== undefined) return { task, lease };
  }
}

async function works({ user, password }: LeasedCredential): Promise<boolean> {
  const session = await cluster.login({ user, password });
  const { rows } = await session.query("SELECT note FROM orders");
  await session.end();
  return rows.length === 1;
}

/** The refusal's code and text, without the id that was asked for. */
async function answer(asked: Promise<unknown>, id: string): Promise<string> {
  const error: unknown = await asked.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Error);
  const { code, message } = error as Error & { readonly code: unknown };
  return `${String(code)} ${message}`.replaceAll(id, "ID");
}

describe("a target of another tool server", () => {
  it("is one that is not there", async () => {
    const task = await world.startTask();
    const ask = async (target: string): Promise<string> =>
      await answer(leaseFromBroker(at(owner), { statement: await stated(task), target }), target);
    const foreign = await ask("private");
    expect(foreign).toBe(await ask("nowhere"));
    expect(foreign).toContain("UNKNOWN_TARGET");
    // Who may have it is asked for what else there is to be said, of the same task.
    const other = at(await ids.source("/tools/other"));
    const statement = await stated(task, "spiffe://example.org/tools/other");
    const lease = await leaseFromBroker(other, { statement, target: "private" }).catch(
      (error: { readonly code: string }) => error.code,
    );
    expect(typeof lease === "string" ? lease : "opened").not.toBe("UNKNOWN_TARGET");
  });
});

describe("a lease of another workload", () => {
  it("SEC-D03: is ended by nobody else at the broker, who can't tell it from one that is not there", async () => {
    const { task, lease } = await leased();
    const other = at(await ids.source("/tools/other"));
    const foreign = await answer(endLeaseAtBroker(other, lease.lease), lease.lease);
    expect(foreign).toBe(await answer(endLeaseAtBroker(other, "l-aaaaaaaaaaaaaaaa"), "l-aaaaaaaaaaaaaaaa"));
    expect(foreign).toContain("UNKNOWN_LEASE");
    expect(await works(lease)).toBe(true);
    await endLeaseAtBroker(at(owner), lease.lease);
    await expect(works(lease)).rejects.toHaveProperty("code", "28P01");
    await world.end(task.id);
  });

  it("SEC-D03: its statement gives nothing to who did not get it", async () => {
    const { task } = await leased();
    const other = at(await ids.source("/tools/other"));
    const request = { statement: await stated(task), target: "orders" };
    await expectCode(leaseFromBroker(other, request), "WRONG_AUDIENCE");
    await expectCode(connectThroughBroker(other, request), "WRONG_AUDIENCE");
    expect(broker.book.ofTask(task.id)).toHaveLength(1);
    await world.end(task.id);
  });

  it("SEC-D03: is shown, reported on and revoked by no broker, gateway or tool server but its own, at the server", async () => {
    const { task, lease } = await leased();
    const id = lease.lease;
    const unknown = "l-aaaaaaaaaaaaaaaa";
    // A broker as good as its own, and two that are none.
    using other = await channelOf("/broker-2", world);
    const report = { state: "gone", evidence_json: '{"method":"made-up","detail":{}}' };
    for (const channel of [other, world.gateway, world.under.as(await world.under.mint("/tools/orders", 600))])
      for (const ask of [
        (of: string) => channel.unary(ReportLease, { id: of, ...report }),
        (of: string) => channel.unary(GetLease, { id: of }),
        (of: string) => channel.unary(RevokeLease, { id: of, why: "x" }),
      ])
        expect(await answer(ask(id), id)).toBe(await answer(ask(unknown), unknown));
    expect(await codeOf(other.unary(ReportLease, { id, ...report }))).toContain("no such lease of this broker");
    const { leases } = await world.admin.unary(ListLeases, { task_id: task.id, state: "live" });
    expect(leases.map((each) => each.id)).toEqual([id]);
    expect(await works(lease)).toBe(true);
    await world.end(task.id);
  });

  it("SEC-D04: a later SVID of the same identity may give it back, one of the same CA for another identity may not", async () => {
    const { task, lease } = await leased();
    for (const path of ["/tools/other", "/broker", "/gateway", "/tools/orders/x", "/tools/order"])
      expect(await answer(endLeaseAtBroker(at(await ids.source(path)), lease.lease), lease.lease)).not.toBe("");
    expect(await works(lease)).toBe(true);
    const renewed = await ids.source("/tools/orders");
    expect(renewed.svid.chain[0]?.serialNumber).not.toBe(owner.svid.chain[0]?.serialNumber);
    await endLeaseAtBroker(at(renewed), lease.lease);
    await expect(works(lease)).rejects.toHaveProperty("code", "28P01");
    await world.end(task.id);
  });

  it("SEC-D11: ends when its node is killed: the role is gone, and the end is quiet with evidence", async () => {
    const { task, lease } = await leased();
    const summary = await world.kill("node", `spiffe://example.org${world.node.id.path}`);
    expect(summary).toMatchObject({ quiet: true, stuck: 0 });
    await expect(works(lease)).rejects.toHaveProperty("code", "28P01");
    await until(() => broker.book.ofTask(task.id).length === 0);
    expect(await cluster.roles()).toEqual([]);
  });
});

async function channelOf(path: string, { under }: TaskWorld): Promise<RpcChannel> {
  return under.as(await under.mint(path, 600));
}
