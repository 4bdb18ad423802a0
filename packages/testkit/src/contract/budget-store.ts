// SPDX-License-Identifier: Apache-2.0
import { type CallClaim, countersOf, type Task } from "@mayfly/tasks";
import { describe, expect, it } from "vitest";
import { now } from "./samples.ts";
import { approvedUse, expectOutcome, storedProfile, storedTask } from "./task-samples.ts";
import type { OpenTaskStores } from "./task-stores.ts";

const query = { server: "orders", tool: "query" };
const guard = "spiffe://example.org/gateway";

function claimOf(task: Task, lineage: readonly Task[], callId: string): CallClaim {
  const counters = countersOf(query, lineage);
  return { callId, taskId: task.id, taskRevision: task.revision, ...query, guard, counters, at: now };
}

/** What every BudgetStore does: exactly as many calls as there are, one per approval, each once. */
export function budgetStoreContract(open: OpenTaskStores): void {
  describe("budget store", () => {
    it("takes exactly what is left, of 200 claims at once", async () => {
      await using stores = await open();
      const { task } = await storedTask(stores, await storedProfile(stores));
      const claims = Array.from({ length: 200 }, (_, n) => stores.budgets.take(claimOf(task, [task], `c-${n}`)));
      const outcomes = (await Promise.all(claims)).map(({ outcome }) => outcome);
      expect(outcomes.filter((each) => each === "taken")).toHaveLength(3);
      expect(outcomes.filter((each) => each === "budget-spent")).toHaveLength(197);
      expect(await stores.budgets.spent(task.id)).toEqual([{ ...query, calls: 3 }]);
    });

    it("takes from the parents too: two children together get what their parent has", async () => {
      await using stores = await open();
      const profile = await storedProfile(stores);
      const { task: root } = await storedTask(stores, profile);
      const { task: one } = await storedTask(stores, profile, { parent: root });
      const { task: other } = await storedTask(stores, profile, { parent: root });
      const claims = Array.from({ length: 20 }, (_, n) => {
        const child = n % 2 === 0 ? one : other;
        return stores.budgets.take(claimOf(child, [child, root], `c-${n}`));
      });
      const taken = (await Promise.all(claims)).filter(({ outcome }) => outcome === "taken");
      expect(taken).toHaveLength(3);
      const calls = await Promise.all(
        [root, one, other].map(async ({ id }) => (await stores.budgets.spent(id))[0]?.calls ?? 0),
      );
      expect(calls[0]).toBe(3);
      expect((calls[1] ?? 0) + (calls[2] ?? 0)).toBe(3);
      expect(await stores.budgets.take(claimOf(one, [one, root], "late"))).toEqual({
        outcome: "budget-spent",
        counter: { ...query, taskId: root.id, maxCalls: 3 },
      });
    });

    it("APR-D07 takes a call once, however often it is told of it", async () => {
      await using stores = await open();
      const { task } = await storedTask(stores, await storedProfile(stores));
      const use = await approvedUse(stores, task);
      const claim = { ...claimOf(task, [task], "c"), use: use("c") };
      expect(await stores.budgets.take(claim)).toEqual({ outcome: "taken", repeated: false });
      expect(await stores.budgets.take(claim)).toEqual({ outcome: "taken", repeated: true });
      expect(await stores.budgets.spent(task.id)).toEqual([{ ...query, calls: 1 }]);
      // What was taken before an end is not begun again after it.
      await stores.tasks.end([task.id], "revoked", now);
      expect(await stores.budgets.take(claim)).toEqual({ outcome: "task-changed" });
    });

    it("APR-D05 lets exactly one of two executions use an approval, 200 rounds", async () => {
      await using stores = await open();
      const profile = await storedProfile(stores);
      for (let round = 0; round < 200; round++) {
        const { task } = await storedTask(stores, profile);
        const use = await approvedUse(stores, task);
        const take = (callId: string) =>
          stores.budgets.take({
            callId,
            taskId: task.id,
            taskRevision: task.revision,
            ...query,
            guard,
            counters: [],
            use: use(callId),
            at: now,
          });
        const outcomes = (await Promise.all([take(`a-${round}`), take(`b-${round}`)])).map(({ outcome }) => outcome);
        expect(outcomes.toSorted()).toEqual(["approval-changed", "taken"]);
        const { consumedBy, state } = (await stores.approvals.get(use("x").approval.request.id)) ?? {};
        expect([state, consumedBy]).toEqual(["consumed", `${outcomes[0] === "taken" ? "a" : "b"}-${round}`]);
      }
    });

    it("APR-D05 lets exactly one of 200 claims at once use an approval", async () => {
      await using stores = await open();
      const { task } = await storedTask(stores, await storedProfile(stores));
      const use = await approvedUse(stores, task);
      const claims = Array.from({ length: 200 }, (_, n) => {
        const call = { callId: `c-${n}`, taskId: task.id, taskRevision: task.revision, ...query, guard };
        return stores.budgets.take({ ...call, counters: [], use: use(call.callId), at: now });
      });
      const outcomes = (await Promise.all(claims)).map(({ outcome }) => outcome);
      expect(outcomes.filter((each) => each === "taken")).toHaveLength(1);
      expect(outcomes.filter((each) => each === "approval-changed")).toHaveLength(199);
      expect(await stores.budgets.spent(task.id)).toEqual([{ ...query, calls: 1 }]);
    });

    it("APR-D04 takes nothing when the approver changed after the judgement, nor from a budget", async () => {
      await using stores = await open();
      const { task } = await storedTask(stores, await storedProfile(stores));
      const use = await approvedUse(stores, task);
      const [lee] = (await stores.operators.list()).filter(({ name }) => name === "lee");
      const claim = { ...claimOf(task, [task], "c"), use: use("c") };
      if (lee !== undefined) expectOutcome(await stores.operators.replace({ ...lee, roles: [] }), "written");
      expect(await stores.budgets.take(claim)).toEqual({ outcome: "approval-changed" });
      expect(await stores.budgets.spent(task.id)).toEqual([]);
      expect((await stores.approvals.get(claim.use.approval.request.id))?.state).toBe("approved");
    });

    it("takes nothing for a task that changed, is over, or whose budget is spent; the approval stays", async () => {
      await using stores = await open();
      const { task } = await storedTask(stores, await storedProfile(stores));
      const use = await approvedUse(stores, task);
      const claim = claimOf(task, [task], "c");
      const changed = { outcome: "task-changed" };
      expect(await stores.budgets.take({ ...claim, taskRevision: task.revision - 1 })).toEqual(changed);
      expect(await stores.budgets.take({ ...claim, at: task.notAfter })).toEqual(changed);
      expect(await stores.budgets.take({ ...claim, taskId: "t-aaaaaaaaaaaaaaaa" })).toEqual(changed);
      const none = claim.counters.map((counter) => ({ ...counter, maxCalls: 0 }));
      expect((await stores.budgets.take({ ...claim, counters: none, use: use("c") })).outcome).toBe("budget-spent");
      expect((await stores.approvals.get(use("c").approval.request.id))?.state).toBe("approved");
      await stores.tasks.change(task.id, { event: "suspend" });
      expect(await stores.budgets.take(claim)).toEqual(changed);
      const { tasks } = await stores.tasks.change(task.id, { event: "resume", at: now });
      expect(await stores.budgets.take(claim)).toEqual(changed);
      const taskRevision = tasks[0]?.revision ?? 0;
      expect(await stores.budgets.take({ ...claim, taskRevision })).toEqual({ outcome: "taken", repeated: false });
    });
  });
}
