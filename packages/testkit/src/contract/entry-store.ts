// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { newBundle, newEntry, now, nowSeconds, selector } from "./samples.ts";
import type { OpenStores } from "./stores.ts";

const all = { pageSize: 0 };

/** What every EntryStore does: creation and its refusals, updates, deletion. */
export function entryStoreContract(open: OpenStores): void {
  describe("entry store", () => {
    it("gives back what was created, sets in the operator's order and trust domains sorted", async () => {
      await using stores = await open();
      await stores.bundles.create(newBundle("b.test"));
      await stores.bundles.create(newBundle("a.test"));
      const entry = newEntry({
        selectors: ["unix:user:x", "k8s:ns:a", "unix:gid:1"].map(selector),
        dnsNames: ["z.example.org", "a.example.org"],
        federatesWith: ["b.test", "a.test", "b.test"],
        x509SvidTtl: 60,
        jwtSvidTtl: 30,
        admin: true,
        downstream: true,
        storeSvid: true,
        expiresAt: nowSeconds + 9,
        hint: "hint",
      });
      const created = await stores.entries.create(entry, now);
      const stored = { ...entry, federatesWith: ["a.test", "b.test"], revisionNumber: 0, createdAt: nowSeconds };
      expect(created).toEqual({ outcome: "created", entry: stored, revision: await stores.feed.revision() });
      expect(await stores.entries.get(entry.id)).toEqual(stored);
      expect(await stores.entries.list({}, all)).toEqual({ items: [stored] });
    });

    it("compares text byte for byte", async () => {
      await using stores = await open();
      const texts = [
        "a",
        "A",
        "a ",
        " a",
        "a%",
        "_",
        "e\u0301",
        "\u00e9",
        "a' OR 1=1 --",
        "a\u0000b",
        "a\u0000c",
        "\ud83d\ude00",
      ];
      for (const value of texts) {
        const outcome = await stores.entries.create(
          newEntry({ spiffeId: "spiffe://example.org/x", selectors: [{ type: "t", value }], hint: value }),
          now,
        );
        expect(outcome.outcome).toBe("created");
      }
      for (const value of texts) {
        const selectors = { match: "exact" as const, selectors: [{ type: "t", value }] };
        const { items } = await stores.entries.list({ selectors, hint: value }, all);
        expect(items.map(({ selectors: [own] }) => own?.value)).toEqual([value]);
      }
      expect(await stores.entries.get("%")).toBeUndefined();
    });

    it("answers with the similar entry when SPIFFE ID, parent and selector set are the same", async () => {
      await using stores = await open();
      const first = newEntry({ selectors: ["unix:uid:1", "unix:gid:2"].map(selector) });
      await stores.entries.create(first, now);
      const again = { ...first, id: "other", selectors: first.selectors.toReversed(), hint: "another" };
      expect(await stores.entries.create(again, now)).toEqual({
        outcome: "similar",
        entry: await stores.entries.get(first.id),
      });
      expect((await stores.entries.create({ ...again, selectors: [selector("unix:uid:1")] }, now)).outcome).toBe(
        "created",
      );
      expect(await stores.entries.count({})).toBe(2);
    });

    it.each([
      ["a taken id", { id: "taken" }, "registered_entries.entry_id"],
      [
        "a selector given twice",
        { selectors: ["unix:uid:1", "unix:uid:1"].map(selector) },
        "selectors.registered_entry_id, selectors.type, selectors.value",
      ],
      ["a DNS name given twice", { dnsNames: ["a", "a"] }, "dns_names.registered_entry_id, dns_names.value"],
    ])("refuses %s by the name of the constraint and stores nothing", async (_what, fields, constraint) => {
      await using stores = await open();
      await stores.entries.create(newEntry({ id: "taken" }), now);
      const revision = await stores.feed.revision();
      expect(await stores.entries.create(newEntry(fields), now)).toEqual({ outcome: "conflict", constraint });
      expect(await stores.entries.count({})).toBe(1);
      expect(await stores.feed.revision()).toBe(revision);
    });

    it("refuses to federate with a trust domain that has no bundle", async () => {
      await using stores = await open();
      await stores.bundles.create(newBundle("a.test"));
      const entry = newEntry({ federatesWith: ["a.test", "no.test"] });
      expect(await stores.entries.create(entry, now)).toEqual({ outcome: "no-bundle", trustDomain: "no.test" });
      await stores.entries.create({ ...entry, federatesWith: [] }, now);
      const outcome = await stores.entries.update(entry.id, { federatesWith: ["no.test"] });
      expect(outcome).toEqual({ outcome: "no-bundle", trustDomain: "no.test" });
      expect((await stores.entries.get(entry.id))?.revisionNumber).toBe(0);
    });

    it("lets exactly one of many creations of one entry through", async () => {
      await using stores = await open();
      const entry = newEntry();
      const outcomes = await Promise.all(
        Array.from({ length: 50 }, (_, n) => stores.entries.create({ ...entry, id: `id-${n}` }, now)),
      );
      expect(outcomes.filter(({ outcome }) => outcome === "created")).toHaveLength(1);
      expect(outcomes.filter(({ outcome }) => outcome === "similar")).toHaveLength(49);
    });

    it("updates what is given, keeps the rest and counts revisions, changed or not", async () => {
      await using stores = await open();
      const entry = newEntry({ dnsNames: ["a"], hint: "h" });
      await stores.entries.create(entry, now);
      const selectors = [selector("unix:uid:2")];
      const updated = await stores.entries.update(entry.id, { selectors, admin: true, hint: undefined } as object);
      const expected = { ...entry, selectors, admin: true, revisionNumber: 1, createdAt: nowSeconds };
      expect(updated).toMatchObject({ outcome: "created", entry: expected });
      await stores.entries.update(entry.id, {});
      expect(await stores.entries.get(entry.id)).toEqual({ ...expected, revisionNumber: 2 });
      expect(await stores.entries.update("unknown", {})).toBeUndefined();
      expect(await stores.entries.update(entry.id, { dnsNames: ["b", "b"] })).toMatchObject({ outcome: "conflict" });
      // An update may make two entries similar; the selector set that creation compares is the new one.
      const { id, ...same } = newEntry({ spiffeId: entry.spiffeId, selectors });
      expect(await stores.entries.create({ ...same, id }, now)).toMatchObject({
        outcome: "similar",
        entry: { id: entry.id },
      });
    });

    it("gives a deleted entry back once, and starts again at revision 0 under the same id", async () => {
      await using stores = await open();
      const entry = newEntry();
      await stores.entries.create(entry, now);
      await stores.entries.update(entry.id, { hint: "x" });
      expect(await stores.entries.delete(entry.id)).toMatchObject({ id: entry.id, hint: "x", revisionNumber: 1 });
      expect(await stores.entries.delete(entry.id)).toBeUndefined();
      const later = new Date(now.getTime() + 5000);
      expect(await stores.entries.create(entry, later)).toMatchObject({
        outcome: "created",
        entry: { revisionNumber: 0, createdAt: nowSeconds + 5 },
      });
    });

    it("deletes all entries of an ID in one act, and none of another", async () => {
      await using stores = await open();
      const spiffeId = "spiffe://example.org/killed";
      const ids = [];
      for (const value of ["a", "b"]) {
        const entry = newEntry({ spiffeId, selectors: [{ type: "t", value }] });
        await stores.entries.create(entry, now);
        ids.push(entry.id);
      }
      const other = newEntry({ spiffeId: `${spiffeId}/below` });
      await stores.entries.create(other, now);
      const before = await stores.feed.revision();
      expect((await stores.entries.deleteOf(spiffeId)).map(({ id }) => id)).toEqual(ids);
      expect(await stores.feed.revision()).toBe(before + 1);
      expect(await stores.entries.deleteOf(spiffeId)).toEqual([]);
      expect((await stores.entries.list({}, all)).items.map(({ id }) => id)).toEqual([other.id]);
    });

    it("prunes entries whose end lies before the instant and no others", async () => {
      await using stores = await open();
      const ends = { never: 0, past: nowSeconds - 1, now: nowSeconds, negative: -5, future: nowSeconds + 1 };
      for (const [id, expiresAt] of Object.entries(ends)) await stores.entries.create(newEntry({ id, expiresAt }), now);
      expect((await stores.entries.prune(now)).map(({ id }) => id)).toEqual(["past", "negative"]);
      expect(await stores.entries.prune(now)).toEqual([]);
      expect((await stores.entries.list({}, all)).items.map(({ id }) => id)).toEqual(["never", "now", "future"]);
    });
  });
}
