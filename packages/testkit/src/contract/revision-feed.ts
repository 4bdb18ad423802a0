// SPDX-License-Identifier: Apache-2.0
import type { CommittedChanges, StoreChange } from "@mayfly/registration";
import { describe, expect, it } from "vitest";
import { newBundle, newEntry, newNode, now, nowSeconds } from "./samples.ts";
import { contractTrustDomain, type OpenStores, type Stores } from "./stores.ts";

function record(stores: Stores): CommittedChanges[] {
  const seen: CommittedChanges[] = [];
  stores.feed.subscribe((committed) => seen.push(committed));
  return seen;
}

function names(changes: readonly StoreChange[]): string[] {
  return changes.map((change) => `${change.kind} ${change.kind === "bundle" ? change.trustDomain : change.id}`);
}

/** What every RevisionFeed does: each committed change once, in order, before its writer knows. */
export function revisionFeedContract(open: OpenStores): void {
  describe("revision feed", () => {
    it("reports a write before it is answered, with the thing as it is stored", async () => {
      await using stores = await open();
      const seen = record(stores);
      const entry = newEntry();
      const created = stores.entries.create(entry, now).then((outcome) => ({ outcome, reported: seen.length }));
      const { outcome, reported } = await created;
      expect(reported).toBe(1);
      const revision = await stores.feed.revision();
      expect(outcome).toMatchObject({ outcome: "created", revision });
      const stored = await stores.entries.get(entry.id);
      expect(seen).toEqual([{ revision, changes: [{ kind: "entry", id: entry.id, entry: stored }] }]);
    });

    it("numbers many writes at once without a hole and in order, each before its own answer", async () => {
      await using stores = await open();
      const seen = record(stores);
      const first = (await stores.feed.revision()) + 1;
      const known = new Set<string>();
      stores.feed.subscribe(({ changes }) => {
        for (const change of changes) if (change.kind === "entry") known.add(change.id);
      });
      await Promise.all(
        Array.from({ length: 300 }, async () => {
          const entry = newEntry();
          await stores.entries.create(entry, now);
          expect(known.has(entry.id)).toBe(true);
        }),
      );
      expect(seen.map(({ revision }) => revision)).toEqual(Array.from({ length: 300 }, (_, n) => first + n));
      expect(await stores.feed.revision()).toBe(first + 299);
    });

    it("reports nothing for what was refused or changed nothing", async () => {
      await using stores = await open();
      const entry = newEntry();
      await stores.entries.create(entry, now);
      const seen = record(stores);
      const revision = await stores.feed.revision();
      await stores.entries.create(entry, now);
      await stores.entries.create(newEntry({ federatesWith: ["no.test"] }), now);
      await stores.entries.delete("unknown");
      await stores.entries.prune(now);
      await stores.nodes.ban("unknown");
      await stores.nodes.purge({ expiredBefore: now, includeBanned: true });
      await stores.bundles.delete("no.test", "delete");
      expect(seen).toEqual([]);
      expect(await stores.feed.revision()).toBe(revision);
    });

    it("reports everything that a write touched under one revision", async () => {
      await using stores = await open();
      const [one, two] = [
        newEntry({ id: "1", federatesWith: ["a.test"] }),
        newEntry({ id: "2", federatesWith: ["a.test"] }),
      ];
      await stores.bundles.set(newBundle("a.test"));
      for (const entry of [one, two]) await stores.entries.create(entry, now);
      const seen = record(stores);
      await stores.bundles.delete("a.test", "dissociate");
      await stores.bundles.set(newBundle("a.test"));
      await stores.entries.update("1", { federatesWith: ["a.test"] });
      await stores.bundles.delete("a.test", "delete");
      const [dissociated, , , deleted] = seen.map(({ changes }) => changes);
      expect(names(dissociated ?? []).toSorted()).toEqual(["bundle a.test", "entry 1", "entry 2"]);
      for (const change of dissociated ?? []) {
        if (change.kind === "entry") expect(change.entry?.federatesWith).toEqual([]);
      }
      expect(names(deleted ?? []).toSorted()).toEqual(["bundle a.test", "entry 1"]);
    });

    it("reports every step of a node, and the own bundle when authorities edit it", async () => {
      await using stores = await open();
      const seen = record(stores);
      const node = newNode();
      await stores.nodes.attest(node);
      await stores.nodes.setPending(node.id, { serialNumber: "5", expiresAt: nowSeconds });
      await stores.nodes.promote(node.id, "5");
      await stores.nodes.ban(node.id);
      await stores.nodes.delete(node.id);
      const edits = [{ op: "add-x509", certificate: Uint8Array.of(1) } as const];
      await stores.authorities.commit({ kind: "x509", version: 0, records: [], edits });
      const states = seen.flatMap(({ changes }) =>
        changes.map((change) => (change.kind === "node" ? (change.node?.serialNumber ?? "gone") : change)),
      );
      const bundle = await stores.bundles.get(contractTrustDomain);
      expect(states).toEqual([
        "101",
        "101",
        "5",
        "",
        "gone",
        { kind: "bundle", trustDomain: contractTrustDomain, bundle },
      ]);
    });

    it("stops calling whoever unsubscribed, and only them", async () => {
      await using stores = await open();
      const seen: string[] = [];
      const listener = (): void => void seen.push("x");
      const unsubscribe = stores.feed.subscribe(listener);
      stores.feed.subscribe(listener);
      await stores.entries.create(newEntry(), now);
      unsubscribe();
      unsubscribe();
      await stores.entries.create(newEntry(), now);
      expect(seen).toHaveLength(3);
    });

    it("shows readers what was acknowledged, and listeners may write", async () => {
      await using stores = await open();
      const follow = newNode();
      let answered: Promise<boolean> | undefined;
      stores.feed.subscribe(() => {
        answered ??= stores.nodes.attest(follow);
      });
      const entry = newEntry();
      await stores.entries.create(entry, now);
      expect(await stores.entries.get(entry.id)).toBeDefined();
      expect(await answered).toBe(true);
      expect(await stores.nodes.get(follow.id)).toEqual(follow);
    });
  });
}
