// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeRecord, parseRecord } from "@mayfly/journal";
import type { BeginCallRequest } from "@mayfly/rpc";
import type { Task } from "@mayfly/tasks";
import { afterEach, beforeEach, expect, it } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { openState, type ServerState } from "../../src/state.ts";
import { beginCall } from "../../src/tasks/calls/begin-call.ts";
import { recordDecision } from "../../src/tasks/calls/record-decision.ts";
import type { Actor } from "../../src/tasks/callers/actor.ts";
import { endTasks } from "../../src/tasks/lifecycle/end-tasks.ts";
import { startRootTask } from "../../src/tasks/lifecycle/start-task.ts";
import { createOperator } from "../../src/tasks/profiles/operators.ts";
import { writeProfile } from "../../src/tasks/profiles/profiles.ts";
import { collect, configIn } from "../server-under-test.ts";
import { gatewayId } from "./ids.ts";
import { ordersScope, policyDigest } from "./task-world.ts";

const local: Actor = { name: "local", serial: undefined, mayAll: true, operator: undefined };
const request = {
  agent: "ops/bot",
  owner: "dana",
  scope_json: ordersScope,
  ttl_seconds: "600",
  parent_node_id: "spiffe://example.org/node",
};

let directory: string;
let state: ServerState;
const log: Record<string, unknown>[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "mayfly-record-"));
  state = await openState(configIn(directory), { keys: "memory", clock: systemClock, logger: collect(log) });
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

/** Somebody else wrote to the log: the writer's next batch is refused by the store, as by a disk that is full. */
async function breakNextAppend(): Promise<void> {
  const { record } = state.datastore;
  const { size } = await record.load();
  const at = new Date().toISOString();
  const entry = encodeRecord({
    v: 1,
    id: `x-${String(size)}`,
    kind: "guard",
    phase: "event",
    at,
    actor: "x",
    body: {},
  });
  await record.append({ firstIndex: size, entries: [entry], tiles: [] });
}

function callOf({ id, revision }: Task, tool: string, effect: string): BeginCallRequest {
  return {
    task_id: id,
    svid_serial: "1",
    server: "orders",
    tool,
    effect,
    arguments_digest: `hmac-sha256:${"cd".repeat(32)}`,
    canonical_digest: `sha-256:${"ef".repeat(32)}`,
    policy_digest: policyDigest,
    policy_ids: [],
    approval_id: "",
    trace_id: "",
    decision_id: "",
    task_revision: String(revision),
  };
}

it("AUD-D07: what can't be recorded is not done, and is done again once the record works", async () => {
  const { taskLayer } = state;
  const { task } = await startRootTask(taskLayer, local, request);
  await breakNextAppend();
  await expect(startRootTask(taskLayer, local, request)).rejects.toMatchObject({ code: "LOG_UNAVAILABLE" });
  expect(await taskLayer.stores.tasks.list({}, { limit: 10 })).toHaveLength(1);
  const call = callOf(task, "orders.refund", "irreversible");
  // It goes on after what it did not know.
  await startRootTask(taskLayer, local, request);
  await breakNextAppend();
  expect(await beginCall(taskLayer, gatewayId, call)).toMatchObject({ refusal: "RECORD_UNAVAILABLE" });
  expect(await taskLayer.stores.budgets.spent(task.id)).toEqual([]);
  expect(await beginCall(taskLayer, gatewayId, call)).toMatchObject({ callId: expect.any(String) });
  expect(await taskLayer.stores.budgets.spent(task.id)).toMatchObject([{ calls: 1 }]);
});

it("a decision that begins no call is refused where it can't be recorded, and counted ones are told of at the end", async () => {
  const { taskLayer } = state;
  const { task } = await startRootTask(taskLayer, local, request);
  const texts = { svid_serial: "", subject: "", server: "", decision_id: "", trace_id: "", arguments_digest: "" };
  const lists = { policy_digest: "", policy_ids: [], reasons: ["TOOL_UNKNOWN"], shown: [] };
  const decision = { kind: "refused", task_id: task.id, tool: "no", allowed: false, ...texts, ...lists };
  const tell = async (): Promise<unknown> => await recordDecision(taskLayer, gatewayId, decision);
  await breakNextAppend();
  await expect(tell()).rejects.toMatchObject({ code: "LOG_UNAVAILABLE" });
  // The refused one counts; the next mends the record, and is not counted.
  for (let n = 0; n < 30; n += 1) await tell();
  const { size } = taskLayer.writer;
  await taskLayer.decisionSums.flush();
  expect(taskLayer.writer.size).toBe(size + 1);
  const [entry = new Uint8Array()] = await taskLayer.stores.record.readEntries(size, size + 1);
  expect(parseRecord(entry)).toMatchObject({
    kind: "decision",
    actor: gatewayId,
    task: task.id,
    body: { act: "refused", allowed: 0, denied: 10 },
  });
});

it("a call whose outcome can't be recorded stays open until it can", async () => {
  const { taskLayer } = state;
  const { task } = await startRootTask(taskLayer, local, request);
  const call = callOf(task, "orders.query", "read");
  const begun = await beginCall(taskLayer, gatewayId, call);
  const id = "callId" in begun ? begun.callId : "";
  const finish = { id, by: gatewayId, state: "done", detail: "OK" } as const;
  await breakNextAppend();
  await expect(taskLayer.openCalls.finish(finish)).rejects.toMatchObject({ code: "LOG_UNAVAILABLE" });
  expect(await taskLayer.stores.calls.get(id)).toMatchObject({ state: "begun" });
  const index = await taskLayer.openCalls.finish(finish);
  expect(await taskLayer.stores.record.find(id)).toEqual([expect.any(Number), index]);
  expect(await taskLayer.stores.calls.get(id)).toMatchObject({ state: "done" });
  expect(await taskLayer.openCalls.finish({ ...finish, state: "unknown" })).toBe(index);
});

it("a call that spends nothing and can't be recorded is not let through, and is not open", async () => {
  const { taskLayer } = state;
  const { task } = await startRootTask(taskLayer, local, request);
  await breakNextAppend();
  const call = callOf(task, "orders.query", "read");
  expect(await beginCall(taskLayer, gatewayId, call)).toMatchObject({ refusal: "RECORD_UNAVAILABLE" });
  expect(await taskLayer.stores.calls.list(task.id)).toMatchObject([{ state: "failed", detail: "RECORD_UNAVAILABLE" }]);
  expect(await taskLayer.stores.calls.openGuards()).toEqual([]);
});

it("an intent of a call that ended without an outcome in the record gets it at the next start", async () => {
  const { taskLayer } = state;
  const { task } = await startRootTask(taskLayer, local, request);
  const begun = await beginCall(taskLayer, gatewayId, callOf(task, "orders.query", "read"));
  const id = "callId" in begun ? begun.callId : "";
  await taskLayer.openCalls.abandon(id);
  expect(await taskLayer.stores.record.find(id)).toHaveLength(1);
  await state[Symbol.asyncDispose]();
  state = await openState(configIn(directory), { keys: "memory", clock: systemClock, logger: collect(log) });
  const { record } = state.taskLayer.stores;
  const [, outcome = -1] = await record.find(id);
  const [entry = new Uint8Array()] = await record.readEntries(outcome, outcome + 1);
  const body = { result: "failed", detail: "RECORD_UNAVAILABLE" };
  expect(parseRecord(entry)).toMatchObject({ kind: "call", phase: "outcome", body });
});

it("a record that can't be written does not keep a task alive", async () => {
  const { taskLayer } = state;
  const { task } = await startRootTask(taskLayer, local, request);
  await breakNextAppend();
  const order = { kind: "kill", actor: local, tops: [task.id], reason: "revoked", why: "", what: "task" } as const;
  await endTasks(taskLayer, order);
  expect(["ending", "ended"]).toContain((await taskLayer.stores.tasks.get(task.id))?.state);
  expect(log.some(({ event }) => event === "record_not_written")).toBe(true);
});
