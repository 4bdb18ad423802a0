// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { newBundle, newEntry, now } from "./samples.ts";
import type { OpenStores } from "./stores.ts";

const all = { pageSize: 0 };

/** What every BundleStore does. */
export function bundleStoreContract(open: OpenStores): void {
  describe("bundle store", () => {
    it("gives back what was created, byte for byte and with repetitions, and does not create it twice", async () => {
      await using stores = await open();
      const [authority] = newBundle("a.test").x509Authorities;
      const bundle = newBundle("a.test", {
        x509Authorities: [authority, authority, { der: new Uint8Array(), tainted: true }].filter(
          (each) => each !== undefined,
        ),
        sequenceNumber: 2n ** 64n - 1n,
        refreshHint: -5,
      });
      expect(await stores.bundles.create(bundle)).toBe(true);
      expect(await stores.bundles.create(newBundle("a.test"))).toBe(false);
      expect(await stores.bundles.get("a.test")).toEqual(bundle);
      expect(await stores.bundles.get("A.test")).toBeUndefined();
      expect(await stores.bundles.count()).toBe(1);
    });

    it("sets a bundle that is there or not, and keeps its place in the list", async () => {
      await using stores = await open();
      for (const name of ["b.test", "a.test", "c.test"]) await stores.bundles.set(newBundle(name));
      const changed = newBundle("b.test", { x509Authorities: [], sequenceNumber: 0n });
      await stores.bundles.set(changed);
      expect((await stores.bundles.list(all)).items).toEqual([changed, newBundle("a.test"), newBundle("c.test")]);
      const page = await stores.bundles.list({ pageSize: 2 });
      expect(page.items).toHaveLength(2);
      expect((await stores.bundles.list({ pageSize: 2, after: page.last })).items).toEqual([newBundle("c.test")]);
    });

    it("loses no modification of many at once", async () => {
      await using stores = await open();
      const increments = Array.from({ length: 30 }, () =>
        stores.bundles.modify("a.test", (current = newBundle("a.test", { sequenceNumber: 0n })) => ({
          ...current,
          sequenceNumber: current.sequenceNumber + 1n,
        })),
      );
      await Promise.all(increments);
      expect((await stores.bundles.get("a.test"))?.sequenceNumber).toBe(30n);
    });

    it("writes nothing when a modification asks for no change", async () => {
      await using stores = await open();
      const revision = await stores.feed.revision();
      expect(await stores.bundles.modify("a.test", (current) => current)).toBeUndefined();
      expect(await stores.feed.revision()).toBe(revision);
      await stores.bundles.set(newBundle("a.test"));
      expect(await stores.bundles.modify("a.test", () => undefined)).toBeUndefined();
      expect(await stores.bundles.get("a.test")).toEqual(newBundle("a.test"));
    });

    it("sees a bundle that was deleted and made again as another one", async () => {
      await using stores = await open();
      await stores.bundles.set(newBundle("a.test"));
      let calls = 0;
      const changed = await stores.bundles.modify("a.test", (current) => {
        if (++calls > 1) return current && { ...current, refreshHint: 1 };
        // Comes after the read and before the write of this modification.
        void stores.bundles.delete("a.test", "restrict");
        void stores.bundles.set(newBundle("a.test", { refreshHint: 99, sequenceNumber: 100n }));
        return current;
      });
      expect(calls).toBe(2);
      expect(changed).toMatchObject({ refreshHint: 1, sequenceNumber: 100n });
    });

    it("deletes by its three modes", async () => {
      await using stores = await open();
      await stores.bundles.set(newBundle("a.test"));
      await stores.bundles.set(newBundle("b.test"));
      const entry = newEntry({ federatesWith: ["a.test", "b.test"] });
      const other = newEntry({ federatesWith: ["b.test"] });
      for (const each of [entry, other]) await stores.entries.create(each, now);
      expect(await stores.bundles.delete("none.test", "delete")).toBeUndefined();
      expect(await stores.bundles.delete("a.test", "restrict")).toEqual({ deleted: false, federatedEntries: 1 });
      expect(await stores.bundles.get("a.test")).toBeDefined();
      expect(await stores.bundles.delete("a.test", "dissociate")).toEqual({ deleted: true, federatedEntries: 1 });
      expect(await stores.entries.get(entry.id)).toMatchObject({ federatesWith: ["b.test"], revisionNumber: 0 });
      expect(await stores.bundles.delete("b.test", "delete")).toEqual({ deleted: true, federatedEntries: 2 });
      expect(await stores.entries.count({})).toBe(0);
      expect(await stores.bundles.count()).toBe(0);
    });
  });
}
