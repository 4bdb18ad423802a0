// SPDX-License-Identifier: Apache-2.0
import type { Task, TaskId } from "@mayfly/tasks";
import { describe, expect, it } from "vitest";
import { begunCall, type GuardStores, type OpenGuardStores } from "./guard-stores.ts";
import { now } from "./samples.ts";
import { approvedUse, broker, evidence, expectOutcome, later, storedProfile, storedTask } from "./task-samples.ts";

const finished = { state: "done", detail: "", at: now } as const;

/** Ends a task and proves all that it holds; it has ended at `now`. */
async function ended(stores: GuardStores, { id }: Task): Promise<void> {
  await stores.tasks.end([id], "completed", now);
  const ids = (await stores.tasks.subtree(id)).map((task) => task.id);
  for (const grant of await stores.grants.list(ids)) await stores.grants.prove(grant.id, evidence);
  expectOutcome(await stores.tasks.settle(id, now), "settled");
}

/** A task with a call of each kind, a lease, a used approval and a ticket. */
async function busyTask(stores: GuardStores): Promise<Task> {
  const { task } = await begunCall(stores, "plain");
  const counters = [{ taskId: task.id, server: "orders", tool: "refund", maxCalls: 9 }];
  const use = (await approvedUse(stores, task))("approved");
  const call = { callId: "approved", server: "orders", tool: "refund", guard: "spiffe://example.org/gateway" };
  const claim = { ...call, taskId: task.id, taskRevision: task.revision, counters, use, at: now };
  expectOutcome(await stores.budgets.take(claim), "taken");
  const lease = { id: "l-1", taskId: task.id, callId: "plain", target: "db", mode: "brokered" } as const;
  const times = { createdAt: now, notAfter: later(60) };
  expectOutcome(await stores.leases.begin({ ...lease, ...times, account: "a", holder: "h", guard: broker }), "begun");
  for (const id of ["plain", "approved"]) await stores.calls.finish(id, finished);
  await stores.tickets.create({ hash: "00", taskId: task.id, expiresAt: later(60) });
  return task;
}

/** Prunes step by step until nothing is left to do; gives what went, and in how many steps. */
async function pruned(
  stores: GuardStores,
  endedBefore: Date,
  maxRows: number,
): Promise<{ readonly ids: readonly TaskId[]; readonly steps: number }> {
  const ids: TaskId[] = [];
  for (let steps = 1; ; steps += 1) {
    const { tasks, isDone } = await stores.tasks.prune(endedBefore, maxRows);
    ids.push(...tasks);
    if (isDone) return { ids, steps };
  }
}

/** What every TaskStore does with tasks that ended long ago. */
export function taskPruningContract(open: OpenGuardStores): void {
  describe("pruning of tasks", () => {
    it.each([1, 1000])("takes all of an ended task, %i rows at a time, and nothing of another", async (maxRows) => {
      await using stores = await open();
      const task = await busyTask(stores);
      const { task: other } = await begunCall(stores, "other");
      await ended(stores, task);
      expect(await pruned(stores, now, maxRows)).toMatchObject({ ids: [], steps: 1 });
      const { ids, steps } = await pruned(stores, later(1), maxRows);
      expect(ids).toEqual([task.id]);
      expect(steps).toBe(maxRows === 1 ? 10 : 2);
      expect(await stores.tasks.get(task.id)).toBeUndefined();
      expect(await stores.calls.list(task.id)).toEqual([]);
      expect(await stores.grants.list([task.id])).toEqual([]);
      expect(await stores.leases.list({})).toEqual([]);
      expect(await stores.approvals.list({})).toEqual([]);
      expect(await stores.budgets.spent(task.id)).toEqual([]);
      expect(await stores.tickets.redeem("00", "spiffe://example.org/a", now)).toEqual({ outcome: "refused" });
      expect(await stores.calls.list(other.id)).toHaveLength(1);
      expect(await stores.grants.list([other.id])).toHaveLength(1);
      expect(await stores.tasks.get(other.id)).toEqual(other);
    });

    it("takes no task that is not quiet, however old, and none with a call whose outcome nobody knows", async () => {
      await using stores = await open();
      const profile = await storedProfile(stores);
      const { task: active } = await storedTask(stores, profile);
      const { task: ending } = await storedTask(stores, profile);
      await stores.tasks.end([ending.id], "revoked", now);
      const { task: asked } = await begunCall(stores, "c");
      await ended(stores, asked);
      expect((await pruned(stores, later(1e9), 100)).ids).toEqual([]);
      for (const { id } of [active, ending, asked]) expect(await stores.tasks.get(id)).toBeDefined();
      await stores.calls.finish("c", finished);
      expect((await pruned(stores, later(1e9), 100)).ids).toEqual([asked.id]);
    });

    it("takes children first, and a child of a task that lives", async () => {
      await using stores = await open();
      const profile = await storedProfile(stores);
      const { task: root } = await storedTask(stores, profile);
      const { task: child } = await storedTask(stores, profile, { parent: root });
      const { task: leaf } = await storedTask(stores, profile, { parent: child });
      await ended(stores, child);
      expect((await pruned(stores, later(1), 100)).ids).toEqual([leaf.id, child.id]);
      expect(await stores.tasks.get(root.id)).toEqual(root);
      await ended(stores, root);
      expect((await pruned(stores, later(1), 100)).ids).toEqual([root.id]);
    });
  });
}
