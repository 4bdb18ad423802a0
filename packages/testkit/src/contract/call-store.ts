// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { expectCode } from "../expect-code.ts";
import { begunCall, gateway, type OpenGuardStores } from "./guard-stores.ts";
import { now } from "./samples.ts";
import { approvedUse, expectOutcome, later, storedProfile, storedTask } from "./task-samples.ts";

/** What every CallStore does: what was taken is known until it is finished, and how it ended for ever. */
export function callStoreContract(open: OpenGuardStores): void {
  describe("call store", () => {
    it("has a call from the moment when it was taken, with its approval", async () => {
      await using stores = await open();
      const { task } = await storedTask(stores, await storedProfile(stores));
      const use = (await approvedUse(stores, task))("c");
      const call = { server: "orders", tool: "refund", guard: gateway };
      const claim = { ...call, callId: "c", taskId: task.id, taskRevision: task.revision, counters: [], use, at: now };
      expect(await stores.calls.get("c")).toBeUndefined();
      expectOutcome(await stores.budgets.take(claim), "taken");
      const begun = { ...call, id: "c", taskId: task.id, begunAt: now, state: "begun", detail: "" };
      expect(await stores.calls.get("c")).toEqual({ ...begun, approvalId: use.approval.request.id });
      expect(await stores.calls.openOf(gateway)).toHaveLength(1);
      expect(await stores.calls.openOf("spiffe://example.org/other")).toEqual([]);
    });

    it("has none that was refused", async () => {
      await using stores = await open();
      const { task } = await storedTask(stores, await storedProfile(stores));
      const counters = [{ taskId: task.id, server: "orders", tool: "query", maxCalls: 0 }];
      const call = { server: "orders", tool: "query", guard: gateway };
      const claim = { ...call, callId: "c", taskId: task.id, taskRevision: task.revision, counters, at: now };
      expectOutcome(await stores.budgets.take(claim), "budget-spent");
      expect(await stores.calls.list(task.id)).toEqual([]);
    });

    it("keeps the first of all outcomes", async () => {
      await using stores = await open();
      const { task } = await begunCall(stores, "a");
      await begunCall(stores, "b", task);
      const done = { state: "done", detail: "3 rows", at: later(1) } as const;
      const finishes = [done, { ...done, state: "unknown" } as const].map((each) => stores.calls.finish("a", each));
      const finished = { id: "a", state: "done", detail: "3 rows", finishedAt: later(1) };
      for (const each of await Promise.all(finishes)) expect(each).toMatchObject(finished);
      expect(await stores.calls.finish("x", done)).toBeUndefined();
      expect((await stores.calls.openOf(gateway)).map(({ id }) => id)).toEqual(["b"]);
      expect(await stores.calls.openGuards()).toEqual([gateway]);
      expect((await stores.calls.list(task.id)).map(({ id, state }) => `${id} ${state}`)).toEqual([
        "a done",
        "b begun",
      ]);
    });

    it("finishes calls of tasks that are over: what was begun is always accounted for", async () => {
      await using stores = await open();
      const { task } = await begunCall(stores, "a");
      await stores.tasks.end([task.id], "revoked", now);
      const cut = { state: "unknown", detail: "cut", at: later(1) } as const;
      expect(await stores.calls.finish("a", cut)).toMatchObject({ state: "unknown" });
      expect(await stores.calls.openOf(gateway)).toEqual([]);
      expect(await stores.calls.openGuards()).toEqual([]);
    });

    it("takes no call under an id of another task's call", async () => {
      await using stores = await open();
      const { task } = await begunCall(stores, "a");
      await expectCode(begunCall(stores, "a"), "STORE_CONFLICT");
      expect(await stores.calls.get("a")).toMatchObject({ taskId: task.id });
    });
  });
}
