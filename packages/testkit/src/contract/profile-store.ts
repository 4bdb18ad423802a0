// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { expectCode } from "../expect-code.ts";
import { now } from "./samples.ts";
import { newProfile, storedProfile, storedTask, expectOutcome } from "./task-samples.ts";
import type { OpenTaskStores } from "./task-stores.ts";

/** What every ProfileStore does; suspending and retiring an agent reaches its tasks in the same act. */
export function profileStoreContract(open: OpenTaskStores): void {
  describe("profile store", () => {
    it("gives back what was written, by name, each name once", async () => {
      await using stores = await open();
      const made = newProfile({ name: "b" });
      const stored = await storedProfile(stores, made);
      expect(stored).toEqual({ ...made, revision: stored.revision });
      expect(stored.revision).toBeGreaterThan(0);
      expect(await stores.profiles.get("b")).toEqual(stored);
      expect(await stores.profiles.get("B")).toBeUndefined();
      expect(await stores.profiles.create(newProfile({ name: "b" }))).toEqual({ outcome: "conflict" });
      await storedProfile(stores, newProfile({ name: "a" }));
      expect((await stores.profiles.list()).map(({ name }) => name)).toEqual(["a", "b"]);
    });

    it("is written over only at the revision that was read, and keeps its state", async () => {
      await using stores = await open();
      const stored = await storedProfile(stores);
      const written = await stores.profiles.replace({ ...stored, owner: "lee", state: "retired" });
      expect(written).toMatchObject({ outcome: "written", value: { owner: "lee", state: "active" } });
      expect(await stores.profiles.replace({ ...stored, owner: "mia" })).toEqual({ outcome: "changed" });
      expect(await stores.profiles.replace({ ...stored, name: "other" })).toEqual({ outcome: "changed" });
      expect((await stores.profiles.change(stored, "suspended", now)).outcome).toBe("changed");
      expect((await stores.profiles.get(stored.name))?.owner).toBe("lee");
    });

    it("suspends, frees and retires the agent's tasks with everything below them, and no others", async () => {
      await using stores = await open();
      const bot = await storedProfile(stores);
      const scribe = await storedProfile(stores);
      const { task: root, identity } = await storedTask(stores, bot);
      const { task: child } = await storedTask(stores, scribe, { parent: root });
      const { task: other } = await storedTask(stores, scribe);
      const held = expectOutcome(await stores.profiles.change(bot, "suspended", now), "written");
      const states = async () => (await stores.tasks.list({}, { limit: 9 })).map(({ id, state }) => [id, state]);
      expect(held.value.changed.tasks).toHaveLength(2);
      expect(await states()).toEqual([
        [root.id, "suspended"],
        [child.id, "suspended"],
        [other.id, "active"],
      ]);
      expect(await stores.entries.get(identity.entryId)).toBeUndefined();
      await expectCode(stores.profiles.change(held.value.profile, "suspended", now), "ILLEGAL_TRANSITION");
      await stores.tasks.change(child.id, { event: "suspend" });
      const freed = expectOutcome(await stores.profiles.change(held.value.profile, "active", now), "written");
      expect(await states()).toEqual([
        [root.id, "active"],
        [child.id, "suspended"],
        [other.id, "active"],
      ]);
      expect(await stores.entries.get(identity.entryId)).toBeDefined();
      const retired = expectOutcome(await stores.profiles.change(freed.value.profile, "retired", now), "written");
      expect(await states()).toEqual([
        [root.id, "ending"],
        [child.id, "ending"],
        [other.id, "active"],
      ]);
      expect((await stores.tasks.get(root.id))?.reason).toBe("revoked");
      await expectCode(stores.profiles.change(retired.value.profile, "active", now), "ILLEGAL_TRANSITION");
      await expectCode(stores.profiles.change(retired.value.profile, "retired", now), "ILLEGAL_TRANSITION");
    });
  });
}
