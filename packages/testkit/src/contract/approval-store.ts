// SPDX-License-Identifier: Apache-2.0
import { type Approval, nextApproval } from "@mayfly/tasks";
import { describe, expect, it } from "vitest";
import { now } from "./samples.ts";
import {
  approvedUse,
  later,
  newApproval,
  newOperator,
  storedProfile,
  storedTask,
  expectOutcome,
} from "./task-samples.ts";
import type { OpenTaskStores } from "./task-stores.ts";

function withVote(approval: Approval, decision: "approve" | "deny", operator = "lee"): Approval {
  const { approve } = newOperator(operator);
  return nextApproval(approval, { event: "vote", vote: { operator, decision, signature: approve(approval), at: now } });
}

/** What every ApprovalStore does: nothing is written over what was not read. */
export function approvalStoreContract(open: OpenTaskStores): void {
  describe("approval store", () => {
    it("gives back what was created, once, and lists it", async () => {
      await using stores = await open();
      const { task } = await storedTask(stores, await storedProfile(stores));
      const made = newApproval(task, 2);
      const created = expectOutcome(await stores.approvals.create(made), "created");
      const { approval } = created;
      expect(approval).toEqual({ ...made, revision: approval.revision });
      expect(await stores.approvals.get(made.request.id)).toEqual(approval);
      expect(await stores.approvals.create(made)).toEqual({ outcome: "exists", approval });
      expect(await stores.approvals.list({ state: "pending", taskId: task.id })).toEqual([approval]);
      expect(await stores.approvals.list({ state: "approved" })).toEqual([]);
      expect(await stores.approvals.list({ taskId: "t-aaaaaaaaaaaaaaaa" })).toEqual([]);
      expect(await stores.approvals.get("x")).toBeUndefined();
      const voted = await stores.approvals.replace(withVote(approval, "approve"));
      expect(voted).toMatchObject({ state: "pending", votes: [{ operator: "lee", decision: "approve", at: now }] });
      expect(voted?.revision).toBeGreaterThan(approval.revision);
      expect(await stores.approvals.get(made.request.id)).toEqual(voted);
    });

    it("lists page by page, whatever became of the last one of a page", async () => {
      await using stores = await open();
      const { task } = await storedTask(stores, await storedProfile(stores));
      const all = Array.from({ length: 5 }, () => newApproval(task));
      for (const each of all) await stores.approvals.create(each);
      const [first, second, ...others] = all.map(({ request }) => request.id);
      const page = async (after: string | undefined, limit: number): Promise<readonly string[]> =>
        (await stores.approvals.list({ state: "pending" }, { limit, after })).map(({ request }) => request.id);
      expect(await page(undefined, 2)).toEqual([first, second]);
      const stored = await stores.approvals.get(second ?? "");
      if (stored !== undefined) await stores.approvals.replace({ ...stored, state: "denied" });
      expect(await page(second, 9)).toEqual(others);
      expect(await page(others.at(-1), 9)).toEqual([]);
    });

    it("APR-D08 writes over no revision but the one that was judged", async () => {
      await using stores = await open();
      const { task } = await storedTask(stores, await storedProfile(stores));
      const made = newApproval(task);
      expect(await stores.approvals.replace(withVote(made, "approve"))).toBeUndefined();
      const created = expectOutcome(await stores.approvals.create(made), "created");
      const denied = await stores.approvals.replace(withVote(created.approval, "deny"));
      expect(denied?.state).toBe("denied");
      expect(await stores.approvals.replace(withVote(created.approval, "approve"))).toBeUndefined();
      expect(await stores.approvals.get(made.request.id)).toEqual(denied);
    });

    it("APR-D06 lets a denial or a use win, never both, 50 races", async () => {
      await using stores = await open();
      const profile = await storedProfile(stores);
      const wins = new Set<string>();
      for (let round = 0; round < 50; round++) {
        const { task } = await storedTask(stores, profile);
        const use = await approvedUse(stores, task);
        const callId = `c-${round}`;
        const judged = use(callId);
        const { consumedBy: _, ...approved } = { ...judged.approval, state: "approved" as const };
        const { server, tool } = judged.approval.request;
        const call = { callId, taskId: task.id, taskRevision: task.revision, server, tool, guard: "gateway" };
        const claim = { ...call, counters: [], use: judged, at: now };
        const deny = () => stores.approvals.replace(withVote(approved, "deny"));
        const take = () => stores.budgets.take(claim);
        const both = round % 2 === 0 ? [deny(), take()] : [take(), deny()].reverse();
        const [denied, taken] = (await Promise.all(both)) as [Approval | undefined, Awaited<ReturnType<typeof take>>];
        expect(denied === undefined).toBe(taken.outcome === "taken");
        const state = (await stores.approvals.get(approved.request.id))?.state;
        expect(state).toBe(taken.outcome === "taken" ? "consumed" : "denied");
        wins.add(String(state));
      }
      expect(wins.has("denied")).toBe(true);
    });

    it("APR-D04 expires what is past its end, and that only", async () => {
      await using stores = await open();
      const { task } = await storedTask(stores, await storedProfile(stores));
      await stores.approvals.create(newApproval(task));
      expect(await stores.approvals.expire(later(299.999))).toEqual([]);
      expect(await stores.approvals.expire(later(300))).toMatchObject([{ state: "expired" }]);
      expect(await stores.approvals.expire(later(301))).toEqual([]);
      const { request, ...late } = newApproval(task);
      const outcome = await stores.approvals.create({ ...late, request: { ...request, requestedAt: task.notAfter } });
      expect(outcome.outcome).toBe("task-not-active");
    });
  });
}
