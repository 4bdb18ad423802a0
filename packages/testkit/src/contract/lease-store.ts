// SPDX-License-Identifier: Apache-2.0
import type { LeaseState, NewLease, Task } from "@mayfly/tasks";
import { describe, expect, it } from "vitest";
import { expectCode } from "../expect-code.ts";
import { begunCall, type GuardStores, type OpenGuardStores } from "./guard-stores.ts";
import { now } from "./samples.ts";
import { broker, evidence, expectOutcome, later } from "./task-samples.ts";

function newLease(task: Task, callId: string, id = "l-1"): NewLease {
  return {
    id,
    taskId: task.id,
    callId,
    target: "orders-db",
    mode: "brokered",
    account: `mayfly_${id}`,
    holder: "spiffe://example.org/tools/orders",
    guard: broker,
    createdAt: now,
    notAfter: later(300),
  };
}

async function begunLease(stores: GuardStores): Promise<{ readonly task: Task; readonly lease: NewLease }> {
  const { task, callId } = await begunCall(stores, "c");
  const lease = newLease(task, callId);
  expectOutcome(await stores.leases.begin(lease), "begun");
  return { task, lease };
}

/** What every LeaseStore does: a lease is a grant of its task from before its account is there until it is proven gone. */
export function leaseStoreContract(open: OpenGuardStores): void {
  describe("lease store", () => {
    it("begins a lease with its grant, once", async () => {
      await using stores = await open();
      const { task, callId } = await begunCall(stores, "c");
      const made = newLease(task, callId);
      const { lease } = expectOutcome(await stores.leases.begin(made), "begun");
      expect(lease).toEqual({ ...made, state: "issuing", revision: lease.revision });
      expect(await stores.leases.get(made.id)).toEqual(lease);
      expect(await stores.grants.get(made.id)).toMatchObject({ kind: "lease", guard: broker, renewable: true });
      expect(await stores.leases.begin(made)).toEqual({ outcome: "exists", lease });
      for (const fields of [{ holder: "spiffe://example.org/x" }, { account: "postgres" }, { id: "l-2" }]) {
        expect(await stores.leases.begin({ ...made, ...fields })).toEqual({ outcome: "conflict" });
      }
      const { revision: _, ...entry } = (await stores.grants.list([task.id]))[0] ?? { id: "", revision: 0 };
      expect(await stores.leases.begin({ ...made, id: entry.id, account: "x" })).toEqual({ outcome: "conflict" });
    });

    it("begins none outside the life of its task, nor for a call that was not taken or is finished", async () => {
      await using stores = await open();
      const { task, callId } = await begunCall(stores, "c");
      const other = await begunCall(stores, "d");
      const made = newLease(task, callId);
      expect(await stores.leases.begin({ ...made, callId: "x" })).toEqual({ outcome: "call-not-open" });
      expect(await stores.leases.begin({ ...made, callId: other.callId })).toEqual({ outcome: "call-not-open" });
      expect(await stores.leases.begin({ ...made, createdAt: task.notAfter })).toEqual({ outcome: "task-not-active" });
      await stores.calls.finish(callId, { state: "done", detail: "", at: now });
      expect(await stores.leases.begin(made)).toEqual({ outcome: "call-not-open" });
      await stores.tasks.end([other.task.id], "revoked", now);
      expect(await stores.leases.begin(newLease(other.task, other.callId))).toEqual({ outcome: "task-not-active" });
      expect(await stores.leases.list({})).toEqual([]);
    });

    it("follows its grant: live, revoking when the task ends, stuck while it resists, gone with evidence", async () => {
      await using stores = await open();
      const { task, lease } = await begunLease(stores);
      expect(await stores.leases.report(lease.id, { state: "live" })).toMatchObject({ state: "live" });
      await stores.tasks.end([task.id], "revoked", now);
      expect(await stores.leases.get(lease.id)).toMatchObject({ state: "revoking" });
      expect(await stores.leases.report(lease.id, { state: "live" })).toMatchObject({ state: "revoking" });
      const stuck = { state: "stuck", problem: "a session stays" } as const;
      expect(await stores.leases.report(lease.id, stuck)).toMatchObject(stuck);
      expect((await stores.tasks.settle(task.id, later(9999))).outcome).toBe("not-quiet");
      const gone = await stores.leases.report(lease.id, { state: "gone", evidence });
      expect(gone).toMatchObject({ state: "gone", evidence });
      expect(await stores.leases.report(lease.id, { state: "gone", evidence: { ...evidence, method: "x" } })).toEqual(
        gone,
      );
      expect(await stores.grants.get(lease.id)).toMatchObject({ state: "gone", evidence });
      await expectCode(stores.leases.report(lease.id, stuck), "ILLEGAL_GRANT_STEP");
      expect((await stores.tasks.settle(task.id, later(9999))).outcome).toBe("settled");
    });

    it("is gone, too, when the proof comes by its grant", async () => {
      await using stores = await open();
      const { lease } = await begunLease(stores);
      await stores.grants.prove(lease.id, evidence);
      expect(await stores.leases.get(lease.id)).toMatchObject({ state: "gone", evidence });
    });

    it("ends one lease of a task that goes on", async () => {
      await using stores = await open();
      const { task, lease } = await begunLease(stores);
      expect(await stores.leases.report(lease.id, { state: "revoking" })).toMatchObject({ state: "revoking" });
      expect(await stores.leases.report(lease.id, { state: "revoking" })).toMatchObject({ state: "revoking" });
      expect((await stores.tasks.get(task.id))?.state).toBe("active");
      await expectCode(stores.leases.report("x", { state: "live" }), "GRANT_UNKNOWN");
    });

    it("lists by task, guard and state, oldest first", async () => {
      await using stores = await open();
      const { task, lease } = await begunLease(stores);
      await stores.leases.begin(newLease(task, lease.callId, "l-0"));
      await stores.leases.report("l-0", { state: "gone", evidence });
      const ids = async (filter: Parameters<typeof stores.leases.list>[0]) =>
        (await stores.leases.list(filter)).map(({ id }) => id);
      expect(await ids({})).toEqual(["l-1", "l-0"]);
      expect(await ids({ guard: broker, states: ["issuing", "live", "revoking", "stuck"] })).toEqual(["l-1"]);
      expect(await ids({ taskId: task.id, states: ["gone"] })).toEqual(["l-0"]);
      expect(await ids({ taskId: "t-aaaaaaaaaaaaaaaa" })).toEqual([]);
      expect(await ids({ guard: "spiffe://example.org/x" })).toEqual([]);
    });

    it("lists page by page, each state by itself", async () => {
      await using stores = await open();
      const { task, callId } = await begunCall(stores, "c");
      const ids = ["l-1", "l-2", "l-3", "l-4", "l-5"];
      for (const id of ids) expectOutcome(await stores.leases.begin(newLease(task, callId, id)), "begun");
      for (const id of ["l-2", "l-3", "l-4"]) await stores.leases.report(id, { state: "live" });
      await stores.leases.report("l-3", { state: "revoking" });
      await stores.leases.report("l-4", { state: "stuck", problem: "stays" });
      await stores.leases.report("l-5", { state: "gone", evidence });
      const page = async (states: readonly LeaseState[] | undefined, limit: number, after?: string) =>
        (await stores.leases.list({ states }, { limit, after })).map(({ id }) => id);
      expect(await page(undefined, 2)).toEqual(["l-1", "l-2"]);
      expect(await page(undefined, 2, "l-2")).toEqual(["l-3", "l-4"]);
      expect(await page(undefined, 2, "l-4")).toEqual(["l-5"]);
      expect(await page(["live", "stuck"], 9)).toEqual(["l-2", "l-4"]);
      expect(await page(["live", "stuck"], 1, "l-2")).toEqual(["l-4"]);
      const states = ["issuing", "live", "revoking", "stuck", "gone"] as const;
      expect(await Promise.all(states.map((state) => page([state], 9)))).toEqual(ids.map((id) => [id]));
      expect(await page([], 9)).toEqual([]);
    });

    it("opens no lease that an end does not take, 100 races", async () => {
      await using stores = await open();
      for (let round = 0; round < 100; round++) {
        const { task, callId } = await begunCall(stores, `c-${round}`);
        const begin = stores.leases.begin(newLease(task, callId, `l-${round}`));
        const [{ outcome }] = await Promise.all([begin, stores.tasks.end([task.id], "revoked", now)]);
        const lease = await stores.leases.get(`l-${round}`);
        expect(lease?.state).toBe(outcome === "begun" ? "revoking" : undefined);
      }
    });

    it("keeps when an account that nobody owns was seen first, until it is not seen any more", async () => {
      await using stores = await open();
      const root = { account: "postgres", canLogIn: true, isLegacy: true };
      const stray = { account: "tmp", canLogIn: false, isLegacy: false, lastActivityAt: later(-60) };
      await stores.leases.reportUnmanaged("a", [stray, root], now);
      await stores.leases.reportUnmanaged("b", [root], now);
      await stores.leases.reportUnmanaged("a", [{ ...root, canLogIn: false }], later(9));
      expect(await stores.leases.unmanaged()).toEqual([
        { ...root, target: "a", canLogIn: false, firstSeenAt: now, lastSeenAt: later(9) },
        { ...root, target: "b", firstSeenAt: now, lastSeenAt: now },
      ]);
      await stores.leases.reportUnmanaged("b", [], later(9));
      expect(await stores.leases.unmanaged()).toHaveLength(1);
    });
  });
}
