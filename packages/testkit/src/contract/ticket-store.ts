// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { now } from "./samples.ts";
import { later, storedProfile, storedTask } from "./task-samples.ts";
import type { OpenTaskStores } from "./task-stores.ts";

const agent = "spiffe://example.org/spire/agent/a";
const refused = { outcome: "refused" };

/** What every TicketStore does: a ticket works once. */
export function ticketStoreContract(open: OpenTaskStores): void {
  describe("ticket store", () => {
    it("lets exactly one of 20 at once through, 50 times", async () => {
      await using stores = await open();
      const { task } = await storedTask(stores, await storedProfile(stores));
      for (let round = 0; round < 50; round++) {
        const hash = `${round}`;
        expect(await stores.tickets.create({ hash, taskId: task.id, expiresAt: later(60) })).toBe(true);
        const outcomes = await Promise.all(Array.from({ length: 20 }, () => stores.tickets.redeem(hash, agent, now)));
        expect(outcomes.filter(({ outcome }) => outcome === "redeemed")).toEqual([{ outcome: "redeemed", task }]);
      }
    });

    it("refuses what is unknown, over, there already or of a task that is suspended or past its end", async () => {
      await using stores = await open();
      const { task } = await storedTask(stores, await storedProfile(stores));
      const ticket = (hash: string, seconds: number) => ({ hash, taskId: task.id, expiresAt: later(seconds) });
      expect(await stores.tickets.create(ticket("a", 60))).toBe(true);
      expect(await stores.tickets.create(ticket("a", 90))).toBe(false);
      for (const hash of ["", "A", "a ", "b", "%"])
        expect(await stores.tickets.redeem(hash, agent, now)).toEqual(refused);
      expect(await stores.tickets.redeem("a", agent, later(60))).toEqual(refused);
      await stores.tickets.create(ticket("c", 9999));
      expect(await stores.tickets.redeem("c", agent, task.notAfter)).toEqual(refused);
      await stores.tickets.create(ticket("d", 60));
      await stores.tasks.change(task.id, { event: "suspend" });
      expect(await stores.tickets.redeem("d", agent, now)).toEqual(refused);
      await stores.tasks.change(task.id, { event: "resume", at: now });
      expect(await stores.tickets.redeem("d", agent, now)).toEqual(refused);
      await stores.tickets.create(ticket("e", 60));
      await stores.tickets.create(ticket("f", 61));
      await stores.tickets.prune(later(60));
      expect(await stores.tickets.redeem("e", agent, now)).toEqual(refused);
      expect(await stores.tickets.redeem("f", agent, now)).toMatchObject({ outcome: "redeemed" });
    });
  });
}
