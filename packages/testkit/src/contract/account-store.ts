// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import type { GuardStores, OpenGuardStores } from "./guard-stores.ts";
import { now } from "./samples.ts";
import { later } from "./task-samples.ts";

const name = { target: "orders", account: "old_app" };
const none = { target: "orders", account: "other" };
const adoption = { owner: "dana", expiresAt: later(3600), adoptedBy: "root" };
const order = { id: "o-1", kind: "rotate", verifier: "SCRAM-SHA-256$…", orderedAt: now } as const;

async function report({ leases }: GuardStores, at: Date): Promise<void> {
  await leases.reportUnmanaged("orders", [{ account: "old_app", canLogIn: true, isLegacy: false }], at);
}

/** What every AccountStore does: what people know of an account stays over reports, until the account is not there any more. */
export function accountStoreContract(open: OpenGuardStores): void {
  describe("account store", () => {
    it("knows what was reported, and who answers for it from the adoption on", async () => {
      await using stores = await open();
      expect(await stores.accounts.adopt(name, adoption)).toBeUndefined();
      await report(stores, now);
      const seen = { ...name, canLogIn: true, isLegacy: false, firstSeenAt: now, lastSeenAt: now };
      expect(await stores.accounts.get(name)).toEqual(seen);
      expect(await stores.accounts.get(none)).toBeUndefined();
      expect(await stores.accounts.adopt(name, adoption)).toEqual({ ...seen, adoption });
      const again = { ...adoption, owner: "lee" };
      await stores.accounts.adopt(name, again);
      await report(stores, later(60));
      expect(await stores.accounts.list({ target: "orders" })).toEqual([
        { ...seen, lastSeenAt: later(60), adoption: again },
      ]);
      expect(await stores.accounts.list({ target: "other" })).toEqual([]);
      await stores.leases.reportUnmanaged("orders", [], later(61));
      await report(stores, later(62));
      expect(await stores.accounts.list({})).toEqual([{ ...seen, firstSeenAt: later(62), lastSeenAt: later(62) }]);
    });

    it("keeps the newest order until it is carried out, and forgets its verifier then", async () => {
      await using stores = await open();
      await report(stores, now);
      expect(await stores.accounts.order(none, order)).toBeUndefined();
      expect(await stores.accounts.order(name, order)).toMatchObject({ order });
      const failed = await stores.accounts.finishOrder(name, "o-1", { problem: "no right" });
      expect(failed).toMatchObject({ order: { ...order, problem: "no right" } });
      const next = { ...order, id: "o-2" };
      expect((await stores.accounts.order(name, next))?.order).toEqual(next);
      expect(await stores.accounts.finishOrder(name, "o-1", { doneAt: later(1) })).toBeUndefined();
      const done = await stores.accounts.finishOrder(name, "o-2", { doneAt: later(2) });
      expect(done).toMatchObject({ rotatedAt: later(2) });
      expect(done?.order).toBeUndefined();
      expect(await stores.accounts.finishOrder(name, "o-2", { doneAt: later(3) })).toBeUndefined();
    });

    it("takes no isolation for a rotation", async () => {
      await using stores = await open();
      await report(stores, now);
      await stores.accounts.order(name, { ...order, kind: "isolate", verifier: "" });
      const done = await stores.accounts.finishOrder(name, "o-1", { doneAt: later(1) });
      expect(done).toMatchObject(name);
      expect(done?.rotatedAt).toBeUndefined();
    });
  });
}
