// SPDX-License-Identifier: Apache-2.0
import { PassThrough } from "node:stream";
import {
  type AccountMessage,
  bundleService,
  mayflyAccountsService,
  mayflyLeasesService,
  mayflyTasksService,
} from "@mayfly/rpc";
import { BundleSet, TrustDomain, X509Bundle, X509Svid } from "@mayfly/spiffe";
import { exact, signCallStatement, X509Source } from "@mayfly/spiffe-client";
import { createLogger } from "@mayfly/telemetry";
import { expectCode } from "@mayfly/testkit";
import { Certificate } from "@mayfly/x509";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Identity } from "../../server/test/server-under-test.ts";
import { GuardUnderTest, SyncUnderTest } from "../../server/test/tasks/guard-under-test.ts";
import { TaskWorld } from "../../server/test/tasks/task-world.ts";
import { connectThroughBroker, leaseFromBroker } from "../src/client.ts";
import { joinServer } from "../src/join-server.ts";
import { scramVerifier } from "../src/postgres/scram-verifier.ts";
import { Secret } from "../src/postgres/secret.ts";
import type { Broker } from "../src/start-broker.ts";
import { LeaseCluster } from "./target.ts";
import { until } from "./world.ts";

const tools = "spiffe://example.org/tools/orders";
const trustDomain = TrustDomain.parse("example.org");
let world: TaskWorld;
let cluster: LeaseCluster;
let broker: Broker;
let gateway: X509Source;
let toolServer: X509Source;
let log = "";

async function sourceOf({ chain, privateKey }: Identity): Promise<X509Source> {
  const { x509_authorities: authorities } = await world.admin.unary(bundleService.methods.GetBundle, {});
  const bundle = new X509Bundle(
    trustDomain,
    authorities.map(({ asn1 }) => Certificate.parse(asn1)),
  );
  const svid = X509Svid.of(
    chain.map((der) => Certificate.parse(der)),
    privateKey,
  );
  return X509Source.of({ svids: [svid], bundles: BundleSet.of(bundle), crls: [] });
}
let agent: GuardUnderTest;
let sync: SyncUnderTest;

beforeAll(async () => {
  [world, cluster] = await Promise.all([TaskWorld.start(), LeaseCluster.start()]);
  gateway = await sourceOf(await world.under.mint("/gateway", 600));
  toolServer = await sourceOf(await world.under.mint("/tools/orders", 600));
  // A node whose agent never comes back would hold each end until its fence.
  const node = world.under.as(world.node);
  agent = new GuardUnderTest(node, "agent");
  sync = new SyncUnderTest(node);
  const source = await sourceOf(await world.under.mint("/broker", 600));
  const destination = new PassThrough().on("data", (chunk: Buffer) => (log += chunk.toString()));
  broker = await joinServer({
    server: `127.0.0.1:${world.under.server.address.port}`,
    trustDomain,
    version: "test",
    source,
    listen: { host: "127.0.0.1", port: 0 },
    toolServers: exact(tools),
    gateways: exact("spiffe://example.org/gateway"),
    targets: [cluster.config({ legacyRoles: ["billing_app"], rolePrefix: "orders_" })],
    reconcileEveryMs: 500,
    logger: createLogger({ level: "info", format: "json", destination }),
  });
});
afterAll(async () => {
  agent.stop();
  sync.stop();
  await broker[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
});

const address = () => ({
  source: toolServer,
  authorize: exact("spiffe://example.org/broker"),
  host: "127.0.0.1",
  port: broker.port,
});

/** What the gateway would say of a new call in the task, and the call's id. */
async function stated(task: Awaited<ReturnType<TaskWorld["startTask"]>>): Promise<{ call: string; statement: string }> {
  const { call_id: call } = await world.begin(world.call(task));
  const claims = { task: task.id, call, tool: "orders.query", argumentsDigest: "sha-256:00" };
  return { call, statement: signCallStatement(claims, gateway.svid, { audience: [tools] }) };
}

async function clientOf(statement: string): Promise<Client> {
  const stream = await connectThroughBroker(address(), { statement, target: "orders" });
  const client = new Client({ stream: () => stream, database: "orders", user: "x" });
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

/** A new task, as soon as the broker has heard of it. */
async function startTask(): Promise<Awaited<ReturnType<TaskWorld["startTask"]>>> {
  const task = await world.startTask();
  await new Promise((resolve) => setTimeout(resolve, 100));
  return task;
}

describe("a broker at a real server", () => {
  it("gives a lease for a call that the server let through, and ends it with the task: quiet, with evidence", async () => {
    const task = await startTask();
    const { statement } = await stated(task);
    const client = await clientOf(statement);
    const { rows } = await client.query("SELECT note, current_user AS role FROM orders");
    expect(rows).toEqual([{ note: "a secret", role: expect.stringMatching(/^orders_t_[a-z2-7]{16}_l_[a-z2-7]{16}$/) }]);
    expect(await cluster.roles("orders\\_t")).toHaveLength(1);
    const { grants, summary, ms } = await world.end(task.id);
    expect(summary).toMatchObject({ quiet: true, stuck: 0, fence_ms: 0 });
    expect(ms - summary.healthy_ms).toBeLessThan(1000);
    const lease = grants.find(({ kind }) => kind === "lease");
    const evidence = JSON.parse(lease?.evidence_json ?? "{}") as { method: string; detail: Record<string, unknown> };
    expect(lease).toMatchObject({ state: "gone", guard: "spiffe://example.org/broker" });
    expect(evidence).toMatchObject({
      method: "verified-by-effect",
      detail: { login: "28000", held: "connection-ended" },
    });
    await expect(client.query("SELECT 1")).rejects.toThrow();
    expect(await cluster.roles("orders\\_t")).toEqual([]);
    console.log(
      `task end with one open session: quiet after ${ms.toFixed(0)} ms; healthy ${summary.healthy_ms.toFixed(0)} ms`,
    );
    await expectCode(clientOf(statement), "TASK_NOT_ACTIVE");
  });

  it("gives none for a call that is over, or that another server's gateway states", async () => {
    const task = await startTask();
    const { call, statement } = await stated(task);
    await world.finish(call);
    expect(await expectCode(clientOf(statement), "REFUSED")).toHaveProperty("reason", "CALL_NOT_OPEN");
    await world.end(task.id);
  });

  it("ends a single lease when an operator orders it", async () => {
    const task = await startTask();
    const { statement } = await stated(task);
    const lease = await leaseFromBroker(address(), { statement, target: "orders" });
    const session = await cluster.login({ user: lease.user, password: lease.password });
    const { RevokeLease, ListLeases } = mayflyLeasesService.methods;
    await world.admin.unary(RevokeLease, { id: lease.lease, why: "test" });
    await until(() => broker.book.get(lease.lease) === undefined);
    await expect(session.query("SELECT 1")).rejects.toThrow();
    await until(async () => {
      const { leases } = await world.admin.unary(ListLeases, { task_id: task.id, state: "gone" });
      return leases.some(({ id }) => id === lease.lease);
    });
    await world.end(task.id);
    const { unmanaged } = await world.admin.unary(ListLeases, { task_id: "", state: "" });
    expect(unmanaged.map(({ account }) => account)).toContain("postgres");
  });

  it("gives a legacy account a new password when an operator orders it, and closes it", async () => {
    await cluster.superuser.query("CREATE ROLE billing_app LOGIN PASSWORD 'old'");
    const { ListAccounts, OrderAccount } = mayflyAccountsService.methods;
    const named = { target: "orders", account: "billing_app", why: "test" };
    const found = async (): Promise<AccountMessage | undefined> =>
      (await world.admin.unary(ListAccounts, { target: "orders" })).accounts.find(
        ({ account }) => account === "billing_app",
      );
    await until(async () => (await found())?.legacy === true);
    const secret = Secret.random();
    const verifier = await scramVerifier(secret);
    await world.admin.unary(OrderAccount, { ...named, order: "rotate", verifier });
    await until(async () => (await found())?.order === "");
    expect(Number((await found())?.rotated_at_ms)).toBeGreaterThan(0);
    const session = await cluster.login({ user: "billing_app", password: secret.reveal() });
    const ended = new Promise((resolve) => session.once("end", resolve));
    await world.admin.unary(OrderAccount, { ...named, order: "isolate", verifier: "" });
    await ended;
    await until(async () => (await found())?.can_login === false);
    await expect(cluster.login({ user: "billing_app", password: secret.reveal() })).rejects.toThrow();
    for (const text of [secret.reveal(), verifier]) expect(log).not.toContain(text);
  });

  it("ends many leases of a task together", async () => {
    const task = await startTask();
    const clients = await Promise.all(
      Array.from({ length: 20 }, async () => await clientOf((await stated(task)).statement)),
    );
    const { summary, ms } = await world.end(task.id);
    expect(summary).toMatchObject({ quiet: true, stuck: 0 });
    for (const client of clients) await expect(client.query("SELECT 1")).rejects.toThrow();
    console.log(`task end with 20 open sessions: quiet after ${ms.toFixed(0)} ms`);
  });

  it("cuts what a suspended task has, and serves it again when it goes on", async () => {
    const task = await startTask();
    const client = await clientOf((await stated(task)).statement);
    const ended = new Promise((resolve) => client.once("end", resolve));
    await world.admin.unary(mayflyTasksService.methods.SuspendTask, { id: task.id, why: "test" });
    await ended;
    await until(() => broker.book.ofTask(task.id).length === 0);
    await world.admin.unary(mayflyTasksService.methods.ResumeTask, { id: task.id, why: "test" });
    await new Promise((resolve) => setTimeout(resolve, 100));
    const again = await clientOf((await stated({ ...task, ...(await world.task(task.id)) })).statement);
    await again.end();
    await world.end(task.id);
    expect(log).not.toContain("lease_report_failed");
  });
});
