// SPDX-License-Identifier: Apache-2.0
import type { MatchBehavior } from "@mayfly/registration";
import { describe, expect, it } from "vitest";
import { newNode, now, nowSeconds, selector } from "./samples.ts";
import type { OpenStores } from "./stores.ts";

const all = { pageSize: 0 };

/** What every NodeStore does: the serial numbers' state machine, filters, purge. */
export function nodeStoreContract(open: OpenStores): void {
  describe("node store", () => {
    it("gives back what attested, and overwrites it at the next attestation", async () => {
      await using stores = await open();
      const node = newNode({ selectors: [selector("x509pop:a:1"), selector("x509pop:b")], agentVersion: "1" });
      expect(await stores.nodes.attest(node)).toBe(true);
      expect(await stores.nodes.get(node.id)).toEqual(node);
      await stores.nodes.setPending(node.id, { serialNumber: "102", expiresAt: nowSeconds });
      const again = newNode({
        id: node.id,
        serialNumber: "200",
        canReattest: true,
        selectors: [selector("x509pop:c")],
      });
      expect(await stores.nodes.attest(again)).toBe(true);
      expect(await stores.nodes.list({}, all)).toEqual({ items: [again] });
    });

    it("makes a pending serial number active when it is used, once", async () => {
      await using stores = await open();
      const node = newNode();
      await stores.nodes.attest(node);
      expect(await stores.nodes.promote(node.id, "")).toBe(false);
      expect(await stores.nodes.setPending(node.id, { serialNumber: "102", expiresAt: nowSeconds + 7200 })).toBe(true);
      expect(await stores.nodes.get(node.id)).toEqual({
        ...node,
        newSerialNumber: "102",
        newExpiresAt: nowSeconds + 7200,
      });
      expect(await stores.nodes.promote(node.id, "103")).toBe(false);
      const outcomes = await Promise.all(Array.from({ length: 20 }, () => stores.nodes.promote(node.id, "102")));
      expect(outcomes.filter(Boolean)).toHaveLength(1);
      expect(await stores.nodes.get(node.id)).toEqual({ ...node, serialNumber: "102", expiresAt: nowSeconds + 7200 });
    });

    it("keeps a banned node out until it is deleted", async () => {
      await using stores = await open();
      const node = newNode();
      await stores.nodes.attest(node);
      await stores.nodes.setPending(node.id, { serialNumber: "102", expiresAt: nowSeconds + 7200 });
      expect(await stores.nodes.ban(node.id)).toBe(true);
      expect(await stores.nodes.ban(node.id)).toBe(true);
      const banned = { ...node, serialNumber: "" };
      expect(await stores.nodes.attest(node)).toBe(false);
      expect(await stores.nodes.setPending(node.id, { serialNumber: "103", expiresAt: nowSeconds })).toBe(false);
      expect(await stores.nodes.promote(node.id, "102")).toBe(false);
      expect(await stores.nodes.promote(node.id, "")).toBe(false);
      expect(await stores.nodes.get(node.id)).toEqual(banned);
      expect(await stores.nodes.delete(node.id)).toBe(true);
      expect(await stores.nodes.attest(node)).toBe(true);
    });

    it("says so when a node is unknown", async () => {
      await using stores = await open();
      expect(await stores.nodes.get("unknown")).toBeUndefined();
      expect(await stores.nodes.ban("unknown")).toBe(false);
      expect(await stores.nodes.delete("unknown")).toBe(false);
      expect(await stores.nodes.promote("unknown", "1")).toBe(false);
      expect(await stores.nodes.setPending("unknown", { serialNumber: "1", expiresAt: 1 })).toBe(false);
    });

    it("filters by every condition, and pages", async () => {
      await using stores = await open();
      const [a, b, c] = [
        newNode({ attestationType: "x509pop", selectors: ["x:1", "x:2"].map(selector), canReattest: true }),
        newNode({ expiresAt: nowSeconds - 10 }),
        newNode({ selectors: [selector("x:1")] }),
      ];
      for (const node of [a, b, c]) await stores.nodes.attest(node);
      await stores.nodes.ban(c.id);
      const find = async (filter: Parameters<typeof stores.nodes.list>[0]): Promise<string[]> => {
        const ids = (await stores.nodes.list(filter, all)).items.map(({ id }) => id);
        expect(await stores.nodes.count(filter)).toBe(ids.length);
        return ids;
      };
      expect(await find({})).toEqual([a.id, b.id, c.id]);
      expect(await find({ attestationType: "x509pop" })).toEqual([a.id]);
      expect(await find({ canReattest: false })).toEqual([b.id, c.id]);
      expect(await find({ banned: true })).toEqual([c.id]);
      expect(await find({ banned: false, canReattest: false })).toEqual([b.id]);
      expect(await find({ expiresBefore: nowSeconds })).toEqual([b.id]);
      const bySelectors = (match: MatchBehavior, ...texts: string[]): Promise<string[]> =>
        find({ selectors: { match, selectors: texts.map(selector) } });
      expect(await bySelectors("exact", "x:2", "x:1", "x:1")).toEqual([a.id]);
      expect(await bySelectors("superset", "x:1")).toEqual([a.id, c.id]);
      expect(await bySelectors("subset", "x:1", "x:3")).toEqual([c.id]);
      expect(await bySelectors("any", "x:2", "x:3")).toEqual([a.id]);
      const page = await stores.nodes.list({}, { pageSize: 2 });
      expect(page.items.map(({ id }) => id)).toEqual([a.id, b.id]);
      expect((await stores.nodes.list({}, { pageSize: 2, after: page.last })).items).toHaveLength(1);
    });

    it("purges nodes that are over and can't attest again, banned ones only when asked", async () => {
      await using stores = await open();
      const over = { expiresAt: nowSeconds - 1 };
      const [gone, live, able, banned, renewed] = [
        newNode(over),
        newNode(),
        newNode({ ...over, canReattest: true }),
        newNode(over),
        newNode(over),
      ];
      for (const node of [gone, live, able, banned, renewed]) await stores.nodes.attest(node);
      await stores.nodes.ban(banned.id);
      await stores.nodes.setPending(renewed.id, { serialNumber: "9", expiresAt: nowSeconds + 60 });
      expect(await stores.nodes.purge({ expiredBefore: now, includeBanned: false })).toEqual([gone.id]);
      expect(await stores.nodes.purge({ expiredBefore: now, includeBanned: true })).toEqual([banned.id]);
      expect(await stores.nodes.count({})).toBe(3);
    });
  });
}
