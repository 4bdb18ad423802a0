// SPDX-License-Identifier: Apache-2.0
import { isTaskId, type Task } from "@mayfly/tasks";
import { describe, expect, it } from "vitest";
import { expectCode } from "../expect-code.ts";
import { now } from "./samples.ts";
import {
  evidence,
  identityOf,
  later,
  newApproval,
  newChild,
  newGrant,
  newTask,
  storedProfile,
  storedTask,
} from "./task-samples.ts";
import type { OpenTaskStores } from "./task-stores.ts";

const unknown = "t-aaaaaaaaaaaaaaaa";

/** What every TaskStore does: creation under its guard, changes and ends of whole subtrees, settling. */
export function taskStoreContract(open: OpenTaskStores): void {
  describe("task store", () => {
    it("gives back what was created, with its entry and the grant for it", async () => {
      await using stores = await open();
      const profile = await storedProfile(stores);
      const made = newTask(profile, { notAfter: later(600.5) });
      const { task, identity } = await storedTask(stores, profile, { task: made });
      expect(task).toEqual({ ...made, revision: task.revision });
      expect(task.revision).toBeGreaterThan(profile.revision);
      expect(await stores.tasks.get(task.id)).toEqual(task);
      expect(await stores.tasks.subtree(task.id)).toEqual([task]);
      expect(await stores.tasks.lineage(task.id)).toEqual([task]);
      expect(await stores.entries.get(identity.entryId)).toMatchObject({
        spiffeId: identity.spiffeId,
        parentId: identity.parentId,
        x509SvidTtl: 300,
        expiresAt: Math.floor(task.notAfter.getTime() / 1000),
      });
      const selectors = (await stores.entries.get(identity.entryId))?.selectors.map(
        (each) => `${each.type}:${each.value}`,
      );
      expect(selectors).toEqual([...profile.selectors, `task:id:${task.id}`]);
      expect(await stores.grants.list([task.id])).toMatchObject([
        { kind: "entry", ref: identity.entryId, state: "live" },
      ]);
    });

    it("knows nothing of a task that it has not", async () => {
      await using stores = await open();
      expect(await stores.tasks.get(unknown)).toBeUndefined();
      expect(await stores.tasks.subtree(unknown)).toEqual([]);
      expect(await stores.tasks.lineage(unknown)).toEqual([]);
      await expectCode(stores.tasks.change(unknown, { event: "suspend" }), "TASK_UNKNOWN");
      await expectCode(stores.tasks.settle(unknown, now), "TASK_UNKNOWN");
      expect(await stores.tasks.end([unknown], "revoked", now)).toMatchObject({ tasks: [], grants: [], approvals: [] });
    });

    it("creates nothing under a profile or a parent that changed, or twice", async () => {
      await using stores = await open();
      const profile = await storedProfile(stores);
      const { task: root } = await storedTask(stores, profile);
      const create = async (task: Task, guard: Parameters<typeof stores.tasks.create>[2], at = now) => {
        const identity = identityOf(task, profile);
        const { outcome } = await stores.tasks.create(task, identity, guard, at);
        if (outcome !== "created") expect(await stores.entries.get(identity.entryId)).toBeUndefined();
        return outcome;
      };
      const parent = { id: root.id, revision: root.revision, maxChildren: 1 };
      expect(await create(root, { profile })).toBe("exists");
      expect(await create(newTask(profile), { profile: { ...profile, revision: profile.revision + 1 } })).toBe(
        "changed",
      );
      expect(await create(newTask(profile), { profile: { ...profile, name: "nobody" } })).toBe("changed");
      const child = newChild(root, profile);
      expect(await create(child, { profile, parent: { ...parent, revision: 0 } })).toBe("changed");
      expect(await create(child, { profile, parent: { ...parent, id: unknown } })).toBe("changed");
      expect(await create(child, { profile, parent }, root.notAfter)).toBe("changed");
      expect(await create(child, { profile, parent })).toBe("created");
      expect(await create(newChild(root, profile), { profile, parent })).toBe("too-many-children");
    });

    it("counts children that have not ended, however many come at once", async () => {
      await using stores = await open();
      const profile = await storedProfile(stores);
      const { task: root } = await storedTask(stores, profile);
      const guard = { profile, parent: { id: root.id, revision: root.revision, maxChildren: 3 } };
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, async () => {
          const child = newChild(root, profile);
          return (await stores.tasks.create(child, identityOf(child, profile), guard, now)).outcome;
        }),
      );
      expect(outcomes.filter((each) => each === "created")).toHaveLength(3);
      expect(outcomes.filter((each) => each === "too-many-children")).toHaveLength(17);
    });

    it("finds subtrees parents first, lineages root last, and lists by filter and page", async () => {
      await using stores = await open();
      const profile = await storedProfile(stores);
      const { task: root } = await storedTask(stores, profile);
      const { task: child } = await storedTask(stores, profile, { parent: root });
      const { task: other } = await storedTask(stores, profile, { parent: root });
      const { task: leaf } = await storedTask(stores, profile, { parent: child });
      const ids = (tasks: readonly Task[]) => tasks.map(({ id }) => id);
      const found = ids(await stores.tasks.subtree(root.id));
      expect(found.toSorted()).toEqual(ids([root, child, other, leaf]).toSorted());
      expect(found.indexOf(child.id)).toBeLessThan(found.indexOf(leaf.id));
      expect(ids(await stores.tasks.subtree(child.id))).toEqual(ids([child, leaf]));
      expect(ids(await stores.tasks.lineage(leaf.id))).toEqual(ids([leaf, child, root]));
      const all = ids(await stores.tasks.list({}, { limit: 10 }));
      expect(all).toEqual(ids([root, child, other, leaf]));
      expect(ids(await stores.tasks.list({ agent: profile.name }, { limit: 2, after: child.id }))).toEqual(
        ids([other, leaf]),
      );
      expect(await stores.tasks.list({ agent: "nobody" }, { limit: 10 })).toEqual([]);
      expect(await stores.tasks.list({ owner: "lee" }, { limit: 10 })).toEqual([]);
      expect(await stores.tasks.list({ states: ["ended", "ending"] }, { limit: 10 })).toEqual([]);
      expect(await stores.tasks.list({ dueAt: later(600) }, { limit: 10 })).toEqual([]);
      expect(
        await stores.tasks.list({ owner: "dana", states: ["active"], dueAt: later(601) }, { limit: 9 }),
      ).toHaveLength(4);
    });

    it("suspends and resumes a subtree, its entries and what it holds, in one act", async () => {
      await using stores = await open();
      const profile = await storedProfile(stores);
      const { task: root, identity } = await storedTask(stores, profile);
      const { task: child, identity: below } = await storedTask(stores, profile, { parent: root });
      const entry = await stores.entries.get(below.entryId);
      await stores.grants.open(newGrant(child), now);
      await stores.approvals.create(newApproval(child));
      const held = await stores.tasks.change(root.id, { event: "suspend" });
      expect(held.tasks.map(({ id, state, holds }) => [id, state, holds])).toEqual(
        [root, child].map(({ id }) => [id, "suspended", [root.id]]),
      );
      expect(held.grants.map(({ kind, state }) => [kind, state])).toEqual([["lease", "ending"]]);
      expect(held.approvals.map(({ state }) => state)).toEqual(["void"]);
      expect(held.tasks.every(({ revision }) => revision === held.revision)).toBe(true);
      for (const each of [identity, below]) expect(await stores.entries.get(each.entryId)).toBeUndefined();
      await expectCode(stores.tasks.change(root.id, { event: "suspend" }), "ILLEGAL_TRANSITION");
      await expectCode(stores.tasks.change(child.id, { event: "resume", at: now }), "ILLEGAL_TRANSITION");
      await expectCode(stores.tasks.change(root.id, { event: "resume", at: later(601) }), "TASK_EXPIRED");
      const freed = await stores.tasks.change(root.id, { event: "resume", at: now });
      expect(freed.tasks.map(({ state }) => state)).toEqual(["active", "active"]);
      const {
        revisionNumber: _,
        createdAt: __,
        ...again
      } = (await stores.entries.get(below.entryId)) ?? { revisionNumber: 0, createdAt: 0 };
      expect(entry).toMatchObject(again);
      expect(Object.keys(again)).not.toEqual([]);
    });

    it("gives a proposed task nothing until it is activated, once and in time", async () => {
      await using stores = await open();
      const profile = await storedProfile(stores);
      const { task, identity } = await storedTask(stores, profile, { task: newTask(profile, { state: "proposed" }) });
      expect(await stores.entries.get(identity.entryId)).toBeUndefined();
      expect((await stores.grants.open(newGrant(task), now)).outcome).toBe("task-not-active");
      await expectCode(stores.tasks.change(task.id, { event: "activate", at: task.notAfter }), "TASK_EXPIRED");
      const { tasks } = await stores.tasks.change(task.id, { event: "activate", at: now });
      expect(tasks.map(({ id, state }) => [id, state])).toEqual([[task.id, "active"]]);
      expect(await stores.entries.get(identity.entryId)).toBeDefined();
      await expectCode(stores.tasks.change(task.id, { event: "activate", at: now }), "ILLEGAL_TRANSITION");
    });

    it("ends a subtree in one act: nothing can be opened, taken or approved in it any more", async () => {
      await using stores = await open();
      const profile = await storedProfile(stores);
      const { task: root, identity } = await storedTask(stores, profile);
      const { task: child } = await storedTask(stores, profile, { parent: root });
      const { task: bystander } = await storedTask(stores, profile);
      const lease = newGrant(child);
      await stores.grants.open(lease, now);
      await stores.approvals.create(newApproval(child));
      await stores.tickets.create({ hash: "00", taskId: child.id, expiresAt: later(60) });
      const ended = await stores.tasks.end([root.id], "completed", now);
      expect(ended.tasks.map(({ state, reason }) => `${state} ${String(reason)}`)).toEqual([
        "ending completed",
        "ending cancelled",
      ]);
      expect(ended.grants.map(({ state }) => state)).toEqual(["ending", "ending", "ending"]);
      expect(ended.approvals).toMatchObject([{ state: "void" }]);
      expect(await stores.entries.get(identity.entryId)).toBeUndefined();
      expect((await stores.grants.open(newGrant(child), now)).outcome).toBe("task-not-active");
      expect((await stores.approvals.create(newApproval(child))).outcome).toBe("task-not-active");
      expect(await stores.tickets.redeem("00", "spiffe://example.org/a", now)).toEqual({ outcome: "refused" });
      const call = { callId: "c", server: "orders", tool: "query", guard: "gateway" };
      const claim = { ...call, taskId: child.id, taskRevision: child.revision, counters: [], at: now };
      expect(await stores.budgets.take(claim)).toEqual({ outcome: "task-changed" });
      expect(await stores.tasks.get(bystander.id)).toEqual(bystander);
      expect(await stores.tasks.end([root.id, child.id], "revoked", now)).toMatchObject({ tasks: [], grants: [] });
      expect((await stores.tasks.get(root.id))?.reason).toBe("completed");
    });

    it("ends all of several, or none where one may not", async () => {
      await using stores = await open();
      const profile = await storedProfile(stores);
      const { task: early } = await storedTask(stores, profile, { task: newTask(profile, { notAfter: later(5) }) });
      const { task: late } = await storedTask(stores, profile);
      await expectCode(stores.tasks.end([early.id, late.id], "expired", later(5)), "ILLEGAL_TRANSITION");
      expect((await stores.tasks.get(early.id))?.state).toBe("active");
      const ended = await stores.tasks.end([early.id, late.id, unknown], "revoked", now);
      expect(ended.tasks.map(({ id }) => id).toSorted()).toEqual([early.id, late.id].toSorted());
    });

    it("opens no grant that an end does not take, 100 races", async () => {
      await using stores = await open();
      const profile = await storedProfile(stores);
      for (let round = 0; round < 100; round++) {
        const { task } = await storedTask(stores, profile);
        const opens = Array.from({ length: 3 }, () => stores.grants.open(newGrant(task), now));
        const [ended] = await Promise.all([stores.tasks.end([task.id], "revoked", now), ...opens]);
        const opened = (await Promise.all(opens)).filter(({ outcome }) => outcome === "opened");
        expect(ended.grants).toHaveLength(opened.length + 1);
        expect((await stores.grants.list([task.id])).every(({ state }) => state === "ending")).toBe(true);
      }
    });

    it("settles a subtree when it is quiet, all of it, and only then", async () => {
      await using stores = await open();
      const profile = await storedProfile(stores);
      const { task: root } = await storedTask(stores, profile);
      const { task: child } = await storedTask(stores, profile, { parent: root });
      const ids = [root.id, child.id].filter(isTaskId);
      expect((await stores.tasks.settle(root.id, later(9999))).outcome).toBe("not-quiet");
      await stores.tasks.end([root.id], "revoked", now);
      const [first, second] = await stores.grants.list(ids);
      await stores.grants.prove(first?.id ?? "", evidence);
      expect(await stores.tasks.settle(root.id, now)).toMatchObject({
        outcome: "not-quiet",
        open: [{ id: second?.id }],
      });
      await stores.grants.prove(second?.id ?? "", evidence);
      const settled = await stores.tasks.settle(root.id, now);
      expect(settled).toMatchObject({ outcome: "settled", tasks: [{ state: "ended" }, { state: "ended" }] });
      expect(await stores.tasks.settle(root.id, now)).toEqual({ outcome: "settled", tasks: [] });
    });

    it("prunes what was settled before an instant, and nothing else", async () => {
      await using stores = await open();
      const profile = await storedProfile(stores);
      const { task: old } = await storedTask(stores, profile);
      const { task: living } = await storedTask(stores, profile);
      await stores.tasks.end([old.id], "revoked", now);
      for (const { id } of await stores.grants.list([old.id])) await stores.grants.prove(id, evidence);
      expect(await stores.tasks.prune(later(1e9), 100)).toEqual({ tasks: [], isDone: true });
      await stores.tasks.settle(old.id, later(5));
      expect(await stores.tasks.prune(later(5), 100)).toEqual({ tasks: [], isDone: true });
      expect((await stores.tasks.prune(later(6), 100)).tasks).toEqual([old.id]);
      expect(await stores.tasks.get(old.id)).toBeUndefined();
      expect(await stores.grants.list([old.id])).toEqual([]);
      expect(await stores.tasks.get(living.id)).toEqual(living);
    });
  });
}
