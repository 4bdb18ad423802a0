// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { gateway, type OpenGuardStores } from "./guard-stores.ts";
import { now } from "./samples.ts";
import { later } from "./task-samples.ts";

const first = { server: "orders", tool: "query", digest: "sha-256:aa", definition: "a", by: gateway, at: now };
const changed = { ...first, digest: "sha-256:bb", definition: "b", at: later(1) };
const approval = { by: "dana", at: later(2) };

/** What every ToolStore does: a definition that changed is trusted only after an operator said so. */
export function toolStoreContract(open: OpenGuardStores): void {
  describe("tool store", () => {
    it("pins the first definition that it sees", async () => {
      await using stores = await open();
      expect(await stores.tools.get("orders", "query")).toBeUndefined();
      const pinned = await stores.tools.see(first);
      const { digest } = first;
      const expected = { server: "orders", tool: "query", digest, seenDigest: digest, state: "pinned" };
      const { revision } = pinned;
      expect(pinned).toEqual({ ...expected, pinnedBy: gateway, pinnedAt: now, seenAt: now, revision });
      expect(await stores.tools.see({ ...first, at: later(9) })).toEqual(pinned);
      expect(await stores.tools.get("orders", "query")).toEqual(pinned);
      expect(await stores.tools.get("orders", "Query")).toBeUndefined();
      expect(await stores.tools.definitions("orders", "query")).toEqual({ trusted: "a", seen: "a" });
      expect(await stores.tools.definitions("orders", "Query")).toBeUndefined();
    });

    it("TGW-D02 quarantines a tool whose definition changed, also when the old one comes back", async () => {
      await using stores = await open();
      await stores.tools.see(first);
      const quarantined = await stores.tools.see(changed);
      expect(quarantined).toMatchObject({ state: "quarantined", digest: first.digest, seenDigest: changed.digest });
      expect(await stores.tools.see(first)).toEqual(quarantined);
      expect(await stores.tools.list({ state: "quarantined" })).toEqual([quarantined]);
      expect(await stores.tools.list({ state: "pinned" })).toEqual([]);
    });

    it("pins what an operator approves, if that is what was seen last", async () => {
      await using stores = await open();
      await stores.tools.see(first);
      await stores.tools.see(changed);
      await stores.tools.see({ ...changed, digest: "sha-256:cc", definition: "c" });
      expect(await stores.tools.definitions("orders", "query")).toEqual({ trusted: "a", seen: "c" });
      expect(await stores.tools.approve({ ...changed, ...approval })).toBeUndefined();
      const approved = await stores.tools.approve({ ...changed, digest: "sha-256:cc", ...approval });
      expect(approved).toMatchObject({ state: "pinned", digest: "sha-256:cc", pinnedBy: "dana", pinnedAt: later(2) });
      expect(await stores.tools.definitions("orders", "query")).toEqual({ trusted: "c", seen: "c" });
      expect((await stores.tools.see(first)).state).toBe("quarantined");
      // Back to what was trusted: an operator may say so, too.
      expect(await stores.tools.approve({ ...first, digest: "sha-256:cc", ...approval })).toMatchObject({
        state: "pinned",
        digest: "sha-256:cc",
      });
      expect(await stores.tools.definitions("orders", "query")).toEqual({ trusted: "c", seen: "c" });
      expect(await stores.tools.approve({ ...first, tool: "other", ...approval })).toBeUndefined();
    });

    it("pins one of many definitions that are seen at once", async () => {
      await using stores = await open();
      const sightings = Array.from({ length: 50 }, (_, n) => ({ ...first, digest: `sha-256:${n}` }));
      const seen = await Promise.all(sightings.map((each) => stores.tools.see(each)));
      const isTrusted = seen.filter(({ digest, state }, n) => state === "pinned" && digest === sightings[n]?.digest);
      expect(isTrusted).toHaveLength(1);
      expect(await stores.tools.list({ server: "orders" })).toMatchObject([{ state: "quarantined" }]);
      expect(await stores.tools.list({ server: "other" })).toEqual([]);
    });
  });
}
