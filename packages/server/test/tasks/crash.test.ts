// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { verifyLog } from "@mayfly/journal";
import {
  type BeginCallRequest,
  mayflyCallsService,
  mayflyProfilesService,
  mayflyTasksService,
  type RpcChannel,
  type Sent,
  type TaskMessage,
} from "@mayfly/rpc";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ExportedLog, unfinished } from "./exported-log.ts";
import { KilledServer } from "./killed-server.ts";
import { addOperator, ordersScope, policyDigest, until } from "./task-world.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "mayfly-crash-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

function query(task: TaskMessage, fields: Sent<BeginCallRequest> = {}): Sent<BeginCallRequest> {
  return {
    task_id: task.id,
    svid_serial: "c0ffee",
    server: "orders",
    tool: "orders.refund",
    effect: "irreversible",
    arguments_digest: `hmac-sha256:${"cd".repeat(32)}`,
    canonical_digest: `sha-256:${"ef".repeat(32)}`,
    policy_digest: policyDigest,
    task_revision: task.revision,
    ...fields,
  };
}

async function start(admin: RpcChannel): Promise<TaskMessage> {
  const { task } = await admin.unary(mayflyTasksService.methods.StartTask, {
    agent: "ops/bot",
    owner: "dana",
    scope_json: ordersScope,
    ttl_seconds: "600",
    parent_node_id: "spiffe://example.org/node",
  });
  if (task === null) throw new Error("no task");
  return task;
}

it("APR-D07, AUD-D08: killed at any moment, what was let through is in the record, and nothing is let through twice", async () => {
  await using server = new KilledServer(directory);
  await server.start();
  await addOperator(server.admin, "dana", ["operator"]);
  await server.admin.unary(mayflyProfilesService.methods.CreateProfile, {
    name: "ops/bot",
    owner: "dana",
    tier: "T2",
    ceiling_json: ordersScope,
    selectors: ["unix:uid:1000"],
    expires_at_ms: String(Date.now() + 3_600_000),
  });
  const gateway = await server.mint("/gateway");
  const taken = new Map<string, string[]>();
  for (let round = 0; round < 4; round += 1) {
    const { admin } = server;
    const channel = server.as(gateway);
    const tasks = await Promise.all(Array.from({ length: 3 }, () => start(admin)));
    const [last] = tasks;
    const begin = async (task: TaskMessage): Promise<void> => {
      const { call_id: id } = await channel.unary(mayflyCallsService.methods.BeginCall, query(task));
      if (id !== "") taken.set(task.id, [...(taken.get(task.id) ?? []), id]);
    };
    const end = async (): Promise<void> => {
      const steps = admin.serverStream(mayflyTasksService.methods.EndTask, { id: last?.id ?? "" });
      for await (const step of steps) void step;
    };
    const load = Promise.allSettled([
      ...tasks.flatMap((task) => Array.from({ length: 40 }, async () => await begin(task))),
      end(),
    ]);
    await until(() => tasks.some(({ id }) => taken.has(id)));
    await sleep(round * 6);
    await server.kill();
    await load;
    await server.start();
  }
  const { admin } = server;
  const { tasks } = await admin.unary(mayflyTasksService.methods.ListTasks, { page_size: 100 });
  expect(tasks).toHaveLength(12);
  for (const { id, state } of tasks) expect([id, ["active", "ending", "ended"].includes(state)]).toEqual([id, true]);
  const request = { kind: "agent", what: "ops/bot", why: "test" };
  for await (const { summary } of admin.serverStream(mayflyTasksService.methods.Kill, request)) {
    if (summary) expect(summary).toMatchObject({ quiet: true });
  }
  await sleep(500);
  const log = await ExportedLog.from(admin);
  expect((await verifyLog(log, { vkey: log.vkey })).problems).toEqual([]);
  expect(unfinished(log.entries)).toEqual([]);
  const ends = log.records.filter(({ kind }) => kind === "quiet");
  expect(ends.length).toBeGreaterThan(0);
  for (const { body } of ends) {
    const tasksOfEnd = body["tasks"] as string[];
    const proven = log.records.filter((each) => each.kind === "grant" && tasksOfEnd.includes(each.task ?? ""));
    expect(new Set(proven.map((each) => each.body["grant"])).size).toBe(body["grants"]);
  }
  const intents = new Set(
    log.records.filter(({ phase, kind }) => phase === "intent" && kind === "call").map(({ id }) => id),
  );
  expect(taken.size).toBeGreaterThan(0);
  for (const ids of taken.values()) {
    expect(ids.length).toBeLessThanOrEqual(7);
    for (const id of ids) expect(intents.has(id)).toBe(true);
  }
}, 60_000);
