// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { expectCode } from "../expect-code.ts";
import { now } from "./samples.ts";
import { broker, evidence, later, newGrant, storedProfile, storedTask, expectOutcome } from "./task-samples.ts";
import type { OpenTaskStores } from "./task-stores.ts";

/** What every GrantStore does: grants are opened in living tasks, and gone only with evidence. */
export function grantStoreContract(open: OpenTaskStores): void {
  describe("grant store", () => {
    it("gives back what was opened, once; the same again is a repetition, another under its id is not", async () => {
      await using stores = await open();
      const { task } = await storedTask(stores, await storedProfile(stores));
      const made = newGrant(task);
      const opened = expectOutcome(await stores.grants.open(made, now), "opened");
      const { grant } = opened;
      expect(grant).toEqual({ ...made, revision: grant.revision });
      expect(grant.revision).toBeGreaterThan(task.revision);
      expect(await stores.grants.get(made.id)).toEqual(grant);
      expect(await stores.grants.open(made, now)).toEqual({ outcome: "exists", grant });
      for (const fields of [{ ref: "other" }, { guard: "spiffe://example.org/x" }, { kind: "connection" }] as const) {
        expect(await stores.grants.open({ ...made, ...fields }, now)).toEqual({ outcome: "conflict" });
      }
      expect((await stores.grants.list([task.id])).map(({ kind }) => kind)).toEqual(["entry", "lease"]);
      expect(await stores.grants.list([])).toEqual([]);
      expect((await stores.grants.listOf(broker)).map(({ id }) => id)).toEqual([made.id]);
    });

    it("opens and extends none outside the life of its task", async () => {
      await using stores = await open();
      const { task } = await storedTask(stores, await storedProfile(stores));
      const held = newGrant(task, { kind: "entry" });
      await stores.grants.open(held, now);
      expect(await stores.grants.extend(held.id, later(400), now)).toMatchObject({
        notAfter: later(400),
        state: "live",
      });
      await expectCode(stores.grants.extend(held.id, later(399), now), "ILLEGAL_GRANT_STEP");
      expect(await stores.grants.open(newGrant(task), task.notAfter)).toEqual({ outcome: "task-not-active" });
      expect(await stores.grants.open(newGrant({ ...task, id: "t-aaaaaaaaaaaaaaaa" }), now)).toEqual({
        outcome: "task-not-active",
      });
      await stores.tasks.change(task.id, { event: "suspend" });
      expect(await stores.grants.open(newGrant(task), now)).toEqual({ outcome: "task-not-active" });
      await expectCode(stores.grants.extend(held.id, later(500), now), "ILLEGAL_GRANT_STEP");
    });

    it("keeps one that resists until it is proven gone, and the first evidence for ever", async () => {
      await using stores = await open();
      const { task } = await storedTask(stores, await storedProfile(stores));
      const { id } = newGrant(task);
      await stores.grants.open(newGrant(task, { id }), now);
      await expectCode(stores.grants.resist(id, "unreachable"), "ILLEGAL_GRANT_STEP");
      const ending = await stores.grants.end(id);
      expect(await stores.grants.end(id)).toEqual(ending);
      expect(await stores.grants.resist(id, "unreachable")).toMatchObject({ state: "ending", problem: "unreachable" });
      const gone = await stores.grants.prove(id, evidence);
      expect(gone).toMatchObject({ state: "gone", evidence });
      expect(gone.problem).toBeUndefined();
      expect(await stores.grants.get(id)).toEqual(gone);
      expect(await stores.grants.prove(id, { ...evidence, method: "other" })).toEqual(gone);
      expect(await stores.grants.end(id)).toEqual(gone);
      await expectCode(stores.grants.resist(id, "unreachable"), "ILLEGAL_GRANT_STEP");
      expect(await stores.grants.listOf(broker)).toEqual([]);
    });

    it("knows no grant that it has not", async () => {
      await using stores = await open();
      expect(await stores.grants.get("x")).toBeUndefined();
      await expectCode(stores.grants.end("x"), "GRANT_UNKNOWN");
      await expectCode(stores.grants.prove("x", evidence), "GRANT_UNKNOWN");
      await expectCode(stores.grants.resist("x", "y"), "GRANT_UNKNOWN");
      await expectCode(stores.grants.extend("x", later(1), now), "GRANT_UNKNOWN");
    });
  });
}
