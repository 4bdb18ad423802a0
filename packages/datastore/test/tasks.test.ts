// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from "node:crypto";
import type { CommittedChanges } from "@mayfly/registration";
import { createApproval, type Task } from "@mayfly/tasks";
import { describe, expect, it } from "vitest";
import { type Datastore, openDatastore } from "../src/index.ts";
import { callRecord, claimOf, openRecord, storeTask } from "./record-samples.ts";

const memory = { file: ":memory:", trustDomain: "example.org" };

async function entryIdOf(store: Datastore, { id }: Task): Promise<string> {
  const [grant] = await store.grants.list([id]);
  return grant?.ref ?? "none";
}

/** Ids of the entries that each commit since told of, `-` before those that are gone. */
function heard(store: Datastore): { readonly told: string[][]; readonly revisions: number[] } {
  const told: string[][] = [];
  const revisions: number[] = [];
  store.feed.subscribe(({ revision, changes }: CommittedChanges) => {
    revisions.push(revision);
    told.push(changes.map((each) => (each.kind === "entry" ? `${each.entry === undefined ? "-" : ""}${each.id}` : "")));
  });
  return { told, revisions };
}

describe("a task's entry", () => {
  it("comes and goes with the task under one id, and the feed tells of it in the task's own commit", async () => {
    await using store = await openDatastore(memory);
    const task = await storeTask(store);
    const entryId = await entryIdOf(store, task);
    const { told, revisions } = heard(store);
    const suspended = await store.tasks.change(task.id, { event: "suspend" });
    const resumed = await store.tasks.change(task.id, { event: "resume", at: new Date() });
    const ended = await store.tasks.end([task.id], "completed", new Date());
    expect(told).toEqual([[`-${entryId}`], [entryId], [`-${entryId}`]]);
    expect(revisions).toEqual([suspended, resumed, ended].map(({ revision }) => revision));
    expect(await store.grants.list([task.id])).toMatchObject([{ guard: "spiffe://example.org/spire/server" }]);
  });

  it("goes for all of a subtree at once, and once only", async () => {
    await using store = await openDatastore(memory);
    const tasks = await Promise.all(Array.from({ length: 5 }, () => storeTask(store)));
    const ids = await Promise.all(tasks.map((task) => entryIdOf(store, task)));
    const { told } = heard(store);
    const all = tasks.map(({ id }) => id);
    await store.tasks.end(all, "revoked", new Date());
    await store.tasks.end(all, "revoked", new Date());
    expect(told).toHaveLength(1);
    expect(told[0]?.toSorted()).toEqual(ids.map((id) => `-${id}`).toSorted());
  });

  it("that somebody deleted is not missed at the end", async () => {
    await using store = await openDatastore(memory);
    const task = await storeTask(store);
    await store.entries.delete(await entryIdOf(store, task));
    const { tasks } = await store.tasks.end([task.id], "completed", new Date());
    expect(tasks).toMatchObject([{ state: "ending" }]);
  });

  it("whose place is taken keeps the task suspended: both or neither", async () => {
    await using store = await openDatastore(memory);
    const task = await storeTask(store);
    const entry = await store.entries.get(await entryIdOf(store, task));
    await store.tasks.change(task.id, { event: "suspend" });
    if (entry === undefined) throw new Error("the task has no entry");
    await store.entries.create({ ...entry, spiffeId: "spiffe://example.org/squatter" }, new Date());
    const resumed = store.tasks.change(task.id, { event: "resume", at: new Date() });
    await expect(resumed).rejects.toHaveProperty("code", "STORE_CONFLICT");
    expect((await store.tasks.get(task.id))?.state).toBe("suspended");
  });
});

describe("taking away", () => {
  it("goes ahead of all writes that wait, and so does its intent", async () => {
    await using store = await openDatastore(memory);
    await using record = await openRecord(store);
    const task = await storeTask(store);
    const { id: taskId } = task;
    const finished = { count: 0 };
    const opens = Array.from({ length: 2000 }, async (_, n) => {
      const grant = { id: randomUUID(), taskId, kind: "connection", guard: "g", ref: String(n), revision: 0 } as const;
      const { outcome } = await store.grants.open(
        { ...grant, notAfter: task.notAfter, renewable: false, state: "live" },
        new Date(),
      );
      finished.count += 1;
      return outcome;
    });
    await record.append(callRecord("kill", { kind: "kill", phase: "intent", task: taskId }));
    const ended = await store.tasks.end([taskId], "revoked", new Date());
    expect(finished.count).toBeLessThan(1000);
    const outcomes = await Promise.all(opens);
    const opened = outcomes.filter((outcome) => outcome === "opened").length;
    expect(ended.grants).toHaveLength(opened + 1);
    expect(outcomes.filter((outcome) => outcome === "task-not-active")).toHaveLength(2000 - opened);
  });

  it("is not kept out by a flood", async () => {
    await using store = await openDatastore(memory);
    const { id } = await storeTask(store);
    const flood = Array.from({ length: 20_100 }, () => store.tasks.get(id));
    const ended = store.tasks.end([id], "revoked", new Date());
    const reads = await Promise.allSettled(flood);
    expect(reads.filter(({ status }) => status === "rejected")).toHaveLength(100);
    expect((await ended).tasks).toHaveLength(1);
  });

  it("ends 1,000 tasks with what they hold in one act", async () => {
    await using store = await openDatastore(memory);
    const tasks = await Promise.all(Array.from({ length: 1000 }, () => storeTask(store)));
    const from = process.cpuUsage();
    const ended = await store.tasks.end(
      tasks.map(({ id }) => id),
      "revoked",
      new Date(),
    );
    const { user, system } = process.cpuUsage(from);
    console.log(`1,000 ends: ${Math.round((user + system) / 1000)} ms of processor`);
    expect(ended.tasks).toHaveLength(1000);
    expect(ended.grants).toHaveLength(1000);
    expect(await store.entries.count({})).toBe(0);
  });
});

describe("callers' mistakes", () => {
  it("are refused before they reach the store", async () => {
    await using store = await openDatastore(memory);
    const task = await storeTask(store);
    const request = {
      id: "a",
      taskId: task.id,
      agent: task.agent,
      server: "orders",
      tool: "refund",
      policyDigest: "sha-256:00",
      requestedAt: task.createdAt,
      notAfter: task.notAfter,
      nonce: "n".repeat(32),
      requester: "dana",
      owner: "dana",
      approvers: 1,
    };
    const approval = createApproval(request, "{}");
    const approved = { ...approval, state: "approved" } as const;
    await expect(store.approvals.create(approved)).rejects.toThrow(TypeError);
    const consumed = { ...approval, state: "consumed", consumedBy: "c" } as const;
    await expect(store.approvals.replace(consumed)).rejects.toThrow(TypeError);
    for (const fields of [{ consumedBy: "other" }, { state: "approved" }] as const) {
      const use = { approval: { ...consumed, ...fields }, operators: [] };
      await expect(store.budgets.take({ ...claimOf(task, "c"), use })).rejects.toThrow(TypeError);
    }
    await expect(store.tasks.list({}, { limit: 0 })).rejects.toThrow(RangeError);
    expect((await store.approvals.create(approval)).outcome).toBe("created");
    const again = { ...approval, request: { ...approval.request, id: "b" } };
    await expect(store.approvals.create(again)).rejects.toHaveProperty("code", "STORE_CONFLICT");
    const counter = { taskId: task.id, server: "orders", tool: "query", maxCalls: 9 };
    const twice = store.budgets.take({ ...claimOf(task, "c"), counters: [counter, { ...counter, maxCalls: 1 }] });
    await expect(twice).rejects.toHaveProperty("code", "STORE_CONFLICT");
    expect(await store.budgets.spent(task.id)).toEqual([]);
  });
});
