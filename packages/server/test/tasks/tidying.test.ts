// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LogRecord, parseRecord } from "@mayfly/journal";
import type { TaskId } from "@mayfly/tasks";
import { afterEach, beforeEach, expect, it } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { openState, type ServerState } from "../../src/state.ts";
import { beginCall } from "../../src/tasks/calls/begin-call.ts";
import type { Actor } from "../../src/tasks/callers/actor.ts";
import { endTasks } from "../../src/tasks/lifecycle/end-tasks.ts";
import { startRootTask } from "../../src/tasks/lifecycle/start-task.ts";
import { createOperator } from "../../src/tasks/profiles/operators.ts";
import { writeProfile } from "../../src/tasks/profiles/profiles.ts";
import { Tidying } from "../../src/tasks/tidying.ts";
import { collect, configIn } from "../server-under-test.ts";
import { gatewayId } from "./ids.ts";
import { ordersScope, policyDigest, until } from "./task-world.ts";

const local: Actor = { name: "local", serial: undefined, mayAll: true, operator: undefined };
const request = {
  agent: "ops/bot",
  owner: "dana",
  scope_json: ordersScope,
  ttl_seconds: "600",
  parent_node_id: "spiffe://example.org/node",
};
const month = 30 * 24 * 3600;

let directory: string;
let state: ServerState;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "mayfly-tidying-"));
  state = await openState(configIn(directory), { keys: "memory", clock: systemClock, logger: collect([]) });
  const { taskLayer } = state;
  await createOperator(taskLayer, local, { name: "dana", keys: [], roles: [{ role: "operator", prefix: "/" }] });
  const document = {
    name: "ops/bot",
    owner: "dana",
    tier: "T2",
    ceiling: JSON.parse(ordersScope) as object,
    selectors: ["unix:uid:1"],
    expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
  };
  await writeProfile(taskLayer, local, { act: "create", document, revision: 0 });
});
afterEach(async () => {
  await state[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

/** A task with some calls whose gateway never says what came of them. */
async function started(calls: number): Promise<TaskId> {
  const { taskLayer } = state;
  const { task } = await startRootTask(taskLayer, local, request);
  const call = {
    task_id: task.id,
    svid_serial: "1",
    server: "orders",
    tool: "orders.query",
    effect: "read",
    arguments_digest: `hmac-sha256:${"cd".repeat(32)}`,
    canonical_digest: `sha-256:${"ef".repeat(32)}`,
    policy_digest: policyDigest,
    policy_ids: [],
    approval_id: "",
    trace_id: "",
    decision_id: "",
    task_revision: String(task.revision),
  };
  const begun = await Promise.all(Array.from({ length: calls }, () => beginCall(taskLayer, gatewayId, call)));
  for (const each of begun) expect(each).toHaveProperty("callId");
  return task.id;
}

async function ended(id: TaskId): Promise<void> {
  const { taskLayer } = state;
  const order = { kind: "task", actor: local, tops: [id], reason: "completed", why: "", what: "test" } as const;
  await endTasks(taskLayer, order);
  // The last of its records.
  const isQuiet = async (): Promise<boolean> =>
    (await records(id, taskLayer.writer.size - 20)).some(({ kind }) => kind === "quiet");
  await until(isQuiet, 20_000);
}

async function records(id: TaskId, from = 0): Promise<readonly LogRecord[]> {
  const { record } = state.taskLayer.stores;
  const page = { from: Math.max(from, 0), to: state.taskLayer.writer.size, limit: 10_000 };
  const found = await record.ofTask(id, page);
  const entries = await Promise.all(found.map((index) => record.readEntries(index, index + 1)));
  return entries.flat().map(parseRecord);
}

/** One round of tidying, at some seconds from now. */
async function tidied(seconds: number, options: { believed?: boolean; retention?: number } = {}): Promise<void> {
  const { believed = true, retention = month } = options;
  const clock = { now: () => new Date(Date.now() + seconds * 1000) };
  const settings = { taskRetentionSeconds: retention, clockIsBelieved: () => believed };
  await using tidying = new Tidying({ ...state.taskLayer, clock }, settings);
  await tidying.tidy();
}

it("what ended a month ago goes, whatever it has, and its record stays", async () => {
  const [old, living] = [await started(300), await started(2)];
  await ended(old);
  const before = await records(old);
  const { stores } = state.taskLayer;
  await tidied(month - 60);
  expect(await stores.tasks.get(old)).toBeDefined();
  await tidied(month + 60, { believed: false });
  await tidied(month + 60, { retention: 0 });
  expect(await stores.tasks.get(old)).toBeDefined();
  expect(await stores.calls.list(old)).toHaveLength(300);
  await tidied(month + 60);
  expect(await stores.tasks.get(old)).toBeUndefined();
  expect(await stores.calls.list(old)).toEqual([]);
  expect(await stores.grants.list([old])).toEqual([]);
  expect(await records(old)).toEqual(before);
  expect(before.filter(({ kind, phase }) => kind === "call" && phase === "outcome")).toHaveLength(300);
  expect(await stores.tasks.get(living)).toMatchObject({ state: "active" });
  const size = state.taskLayer.writer.size;
  const [last = new Uint8Array()] = await stores.record.readEntries(size - 1, size);
  expect(parseRecord(last)).toMatchObject({ kind: "task", body: { act: "prune", tasks: [old] } });
});

it("what is not quiet stays, however old", async () => {
  const id = await started(0);
  const { taskLayer } = state;
  const { grants, tasks } = taskLayer.stores;
  const task = await tasks.get(id);
  const lease = { id: "g-1", taskId: id, kind: "lease", guard: "spiffe://example.org/broker", ref: "r" } as const;
  const notAfter = task?.notAfter ?? new Date();
  await grants.open({ ...lease, notAfter, renewable: true, state: "live", revision: 0 }, new Date());
  await endTasks(taskLayer, { kind: "task", actor: local, tops: [id], reason: "revoked", why: "", what: "test" });
  await tidied(10 * month);
  expect(await tasks.get(id)).toMatchObject({ state: "ending" });
});

it("other writes go on while a large task goes", async () => {
  const id = await started(1000);
  await ended(id);
  const clock = { now: () => new Date(Date.now() + 2 * month * 1000) };
  const settings = { taskRetentionSeconds: month, clockIsBelieved: () => true };
  await using tidying = new Tidying({ ...state.taskLayer, clock }, settings);
  const running = { over: false };
  const tidy = tidying.tidy().then(() => (running.over = true));
  let writes = 0;
  while (!running.over) {
    await started(1);
    writes += 1;
  }
  await tidy;
  expect(writes).toBeGreaterThan(3);
  expect(await state.taskLayer.stores.tasks.get(id)).toBeUndefined();
}, 40_000);
