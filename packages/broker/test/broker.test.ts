// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { inspect } from "node:util";
import { connectTls } from "@mayfly/spiffe-client";
import { expectCode } from "@mayfly/testkit";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { cancelAtBroker, connectThroughBroker, endLeaseAtBroker, leaseFromBroker } from "../src/client.ts";
import { until, World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});
beforeEach(() => {
  world.feed.say("t-a", "active");
});

const ask = (task: string, audience?: string) => ({ statement: world.statement(task, audience), target: "orders" });

/** What comes back for a first line. */
async function answerTo(line: string, path?: string): Promise<string> {
  const socket = await connectTls(world.address(path));
  socket.write(line);
  let answer = "";
  for await (const chunk of socket) answer += String(chunk);
  return answer;
}

describe("a brokered connection", () => {
  it("speaks to the database under a role of its own, and holds no credential", async () => {
    const client = await world.client("t-a");
    const { rows } = await client.query(
      "SELECT current_user AS role, current_setting('application_name') AS app, note FROM orders",
    );
    expect(rows).toEqual([
      { role: expect.stringMatching(/^mayfly_t_a_l_[0-9a-f]{16}$/), app: "task:t-a", note: "a secret" },
    ]);
    await expect(client.query("CREATE TABLE mine (a int)")).rejects.toHaveProperty("code", "42501");
    await client.end();
    await until(() => world.ledger.reports.some(({ state }) => state === "gone"));
    expect(await world.cluster.roles()).toEqual([]);
    expect(world.ledger.reports.find(({ state }) => state === "gone")).toMatchObject({
      evidence: {
        by: "spiffe://example.org/broker",
        method: "verified-by-effect",
        detail: { login: "28000", held: "connection-ended" },
      },
    });
  });

  it("has a span for its beginning and one for its end, with the ids of the record and no secret", async () => {
    world.spans.length = 0;
    const client = await world.client("t-a");
    await client.end();
    await until(() => world.spans.length === 2);
    const [opened, ended] = world.spans;
    const attributes = {
      "mayfly.task.id": "t-a",
      "mayfly.lease.id": expect.stringMatching(/^l-/) as unknown,
      "mayfly.workload.spiffe_id": "spiffe://example.org/tools/orders",
      "db.namespace": "orders",
    };
    expect(opened).toMatchObject({ name: "lease open", status: "ok", attributes });
    expect(ended).toMatchObject({ name: "lease end", status: "ok", attributes, traceId: opened?.traceId });
    expect(ended?.parentSpanId).toBe(opened?.spanId);
    world.ledger.refusal = "BUDGET_SPENT";
    await expectCode(world.client("t-a"), "REFUSED");
    world.ledger.refusal = "";
    expect(world.spans.at(-1)).toMatchObject({ status: "error", attributes: { "error.type": "REFUSED" } });
  });

  it("carries much in both directions, and waits for a slow reader", async () => {
    const client = await world.client("t-a");
    const { rows } = await client.query("SELECT repeat('x', 20000000) AS big");
    expect((rows[0] as { big: string }).big.length).toBe(20_000_000);
    const back = await client.query("SELECT length($1) AS n", ["y".repeat(10_000_000)]);
    expect(back.rows).toEqual([{ n: 10_000_000 }]);
    await client.end();
  });

  it("can be cancelled by who holds it, with numbers that mean nothing to the database", async () => {
    const client = await world.client("t-a");
    const { processID, secretKey } = client as unknown as { processID: number; secretKey: number };
    const { rows } = await client.query("SELECT pg_backend_pid() AS pid");
    expect((rows[0] as { pid: number }).pid).not.toBe(processID);
    const sleeping = client.query("SELECT pg_sleep(20)");
    sleeping.catch(() => undefined);
    await sleep(100);
    const key = { processId: processID, key: secretKey };
    await cancelAtBroker(world.address("/tools/other"), key);
    await cancelAtBroker(world.address(), { ...key, key: key.key ^ 1 });
    await sleep(100);
    const started = Date.now();
    await cancelAtBroker(world.address(), key);
    await expect(sleeping).rejects.toHaveProperty("code", "57014");
    expect(Date.now() - started).toBeLessThan(2_000);
    await client.end();
  });

  it("SEC-D11 ends with its task, at once for the tool and then with proof", async () => {
    world.feed.say("t-end", "active");
    const client = await world.client("t-end");
    const ended = new Promise((resolve) => client.once("end", resolve));
    const started = performance.now();
    world.feed.say("t-end", "ending");
    await ended;
    expect(performance.now() - started).toBeLessThan(200);
    await until(() => world.feed.reports.some(({ taskId, isDone }) => taskId === "t-end" && isDone));
    expect(world.feed.reports.filter(({ taskId, leases }) => taskId === "t-end" && leases[0]?.isGone)).toHaveLength(1);
    expect(await world.cluster.roles("mayfly\\_t\\_end")).toEqual([]);
    await expectCode(world.client("t-end"), "TASK_NOT_ACTIVE");
  });

  it("is refused for a task that is unknown or suspended, and when the server refuses it", async () => {
    await expectCode(world.client("t-unknown"), "TASK_NOT_ACTIVE");
    world.feed.say("t-held", "suspended");
    await expectCode(world.client("t-held"), "TASK_NOT_ACTIVE");
    world.feed.say("t-past", "active", { notAfter: new Date(Date.now() - 1) });
    await expectCode(world.client("t-past"), "TASK_NOT_ACTIVE");
    world.ledger.refusal = "BUDGET_SPENT";
    expect(await expectCode(world.client("t-a"), "REFUSED")).toHaveProperty("reason", "BUDGET_SPENT");
    world.ledger.refusal = "";
  });

  it("ends when a later snapshot no longer names its task", async () => {
    world.feed.say("t-lost", "active");
    const client = await world.client("t-lost");
    const ended = new Promise((resolve) => client.once("end", resolve));
    world.feed.push({
      tasks: [{ taskId: "t-a", state: "active", tier: "T2", notAfter: new Date(Date.now() + 60_000), revision: 1e6 }],
      isSnapshot: true,
    });
    await ended;
  });

  it("is refused with another's statement, a stranger's, and none", async () => {
    await expectCode(connectThroughBroker(world.address("/tools/other"), ask("t-a")), "WRONG_AUDIENCE");
    await expectCode(
      connectThroughBroker(world.address("/tools/orders"), { ...ask("t-a"), statement: "a.b.c" }),
      "MALFORMED",
    );
    await expect(connectThroughBroker(world.address("/tools/stranger"), ask("t-a"))).rejects.toThrow();
    await expectCode(connectThroughBroker(world.address(), { ...ask("t-a"), target: "nowhere" }), "UNKNOWN_TARGET");
  });

  it("takes no start-up options, no replication, no other database and no endless message", async () => {
    const startup = async (parameters: Record<string, string>): Promise<string> => {
      const stream = await world.stream("t-a");
      const body = Buffer.from(`${Object.entries(parameters).flat().join("\0")}\0\0`);
      const head = Buffer.alloc(8);
      head.writeUInt32BE(body.length + 8, 0);
      head.writeUInt32BE(196_608, 4);
      stream.write(Buffer.concat([head, body]));
      let answer = "";
      for await (const chunk of stream) {
        answer += String(chunk);
        if (answer.startsWith("R")) break;
      }
      return answer;
    };
    for (const bad of [
      { options: "-c role=readers" },
      { replication: "true" },
      { database: "template1" },
      { TimeZone: "x'; --" },
    ]) {
      expect(await startup({ user: "x", ...bad })).toContain("08P01");
    }
    expect(
      await startup({ user: "x", database: "orders", DateStyle: "ISO, DMY", TimeZone: "Europe/Berlin" }),
    ).toContain("Europe/Berlin");
    const stream = await world.stream("t-a");
    stream.write(Buffer.from([0x7f, 0xff, 0xff, 0xff, 0, 3, 0, 0]));
    let answer = "";
    for await (const chunk of stream) answer += String(chunk);
    expect(answer).toContain("08P01");
  });
});

describe("a lease that an operator ends", () => {
  it("is cut within two seconds", async () => {
    world.feed.say("t-ordered", "active");
    const client = await world.client("t-ordered");
    const [held] = world.broker.book.ofTask("t-ordered");
    const ended = new Promise((resolve) => client.once("end", resolve));
    world.ledger.ends.add(held?.lease.id ?? "");
    const started = performance.now();
    await ended;
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

describe("a leased credential", () => {
  it("logs in until it is given back, and SEC-D03, SEC-D04 only its holder can do that", async () => {
    const lease = await leaseFromBroker(world.address(), { ...ask("t-a"), ttlSeconds: 60 });
    const { host, port, database, user, password } = lease;
    const session = await world.cluster.login({ host, port, database, user, password });
    expect((await session.query("SELECT note FROM orders")).rows).toHaveLength(1);
    const foreign = await expectCode(endLeaseAtBroker(world.address("/tools/other"), lease.lease), "UNKNOWN_LEASE");
    const unknown = await expectCode(endLeaseAtBroker(world.address("/tools/other"), "l-0000"), "UNKNOWN_LEASE");
    expect(foreign.message).toBe(unknown.message);
    expect((await session.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
    await endLeaseAtBroker(world.address(), lease.lease);
    await expect(session.query("SELECT 1")).rejects.toThrow();
    await expect(world.cluster.login({ user, password })).rejects.toHaveProperty("code", "28P01");
  });

  it("SEC-D01 is of no use a second after its time, open sessions included", async () => {
    const lease = await leaseFromBroker(world.address(), { ...ask("t-a"), ttlSeconds: 1 });
    const { user, password } = lease;
    const session = await world.cluster.login({ user, password });
    await sleep(lease.notAfter.getTime() - Date.now() + 1_000);
    await expect(session.query("SELECT 1")).rejects.toThrow();
    await expect(world.cluster.login({ user, password })).rejects.toHaveProperty("code", "28P01");
  });

  it("SEC-D02 is never renewed: nothing asks for that, and its time can't be past the task's", async () => {
    expect(await answerTo('{"renew":"l-0000"}\n')).toContain("BAD_REQUEST");
    const end = new Date(Date.now() + 2_000);
    world.feed.say("t-short", "active", { notAfter: end });
    const lease = await leaseFromBroker(world.address(), { ...ask("t-short"), ttlSeconds: 86_400 });
    expect(lease.notAfter.getTime()).toBeLessThanOrEqual(end.getTime());
    await expectCode(leaseFromBroker(world.address(), { ...ask("t-short"), ttlSeconds: 86_401 }), "BAD_REQUEST");
  });
});

describe("the door", () => {
  it.each(["../orders", "%2e%2e", "orders/", "//orders", "Orders", "orders ", ""])(
    "SEC-D09 knows a target by one spelling, not by %j",
    async (target) => {
      const code = await connectThroughBroker(world.address(), { ...ask("t-a"), target }).then(
        () => "opened",
        (error: { code: string }) => error.code,
      );
      expect(["BAD_REQUEST", "UNKNOWN_TARGET"]).toContain(code);
    },
  );

  it.each([
    "\n",
    "null\n",
    "[]\n",
    "{}\n",
    '{"end":1}\n',
    '{"end":"a","target":"b"}\n',
    '{"cancel":{}}\n',
    '{"statement":"x","target":"orders","mode":"root"}\n',
  ])("refuses the line %j", async (line) => {
    expect(await answerTo(line)).toContain("BAD_REQUEST");
  });

  it("reads no endless line", async () => {
    expect(await answerTo(`${"x".repeat(40_000)}\n`)).toContain("BAD_REQUEST");
  });

  it("gives a call and a task so many leases at once and no more", async () => {
    world.feed.say("t-many", "active");
    const statement = world.statement("t-many", undefined, "c-many");
    const asked = await Promise.allSettled(
      Array.from({ length: 12 }, () => leaseFromBroker(world.address(), { statement, target: "orders" })),
    );
    const refused = asked.filter(({ status }) => status === "rejected");
    expect(refused.length).toBeGreaterThanOrEqual(4);
    for (const one of refused) expect((one as PromiseRejectedResult).reason).toHaveProperty("code", "TOO_MANY");
    world.feed.say("t-many", "ended");
    await until(() => world.broker.book.ofTask("t-many").length === 0);
  });
});

it("SEC-D07 shows no secret in logs, reports, errors and the database's own log", async () => {
  world.feed.say("t-canary", "active");
  const lease = await leaseFromBroker(world.address(), ask("t-canary"));
  const [held] = world.broker.book.ofTask("t-canary");
  const shown = [
    inspect(held, { depth: null, showHidden: true }),
    JSON.stringify(held),
    String(held?.account?.secret),
    JSON.stringify(held?.account),
  ].join();
  world.feed.say("t-canary", "ended");
  await until(() => world.broker.book.ofTask("t-canary").length === 0);
  expect(held?.account).toBeUndefined();
  const everything = [
    shown,
    world.log,
    JSON.stringify(world.ledger.reports),
    JSON.stringify(world.feed.reports),
    world.cluster.postgres.log(),
    JSON.stringify(process.env),
    process.argv.join(),
  ].join("\n");
  expect(everything).toContain(lease.user);
  expect(everything).not.toContain(lease.password);
  expect(everything).not.toContain("eyJ");
});
