// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import type { OpenStores } from "./stores.ts";

/** What every IssuanceLog does: one gapless list of batches for each authority. */
export function issuanceLogContract(open: OpenStores): void {
  describe("issuance log", () => {
    it("numbers the batches of each authority from 0 without a gap, also when they come at once", async () => {
      await using stores = await open();
      const indexes = await Promise.all(
        Array.from({ length: 200 }, (_, n) => stores.issuanceLog.append(`authority-${n % 2}`, Uint8Array.of(n), 1)),
      );
      const expected = Array.from({ length: 100 }, (_, n) => n);
      for (const half of [0, 1]) {
        const own = indexes.filter((_, n) => n % 2 === half);
        expect(own.toSorted((a, b) => a - b)).toEqual(expected);
        const rows = await stores.issuanceLog.read(`authority-${half}`, 0, 1000);
        expect(rows.map(({ index }) => index)).toEqual(expected);
        for (const { index, batch } of rows) expect(indexes[batch[0] ?? 0]).toBe(index);
      }
      expect((await stores.issuanceLog.authorities()).toSorted()).toEqual(["authority-0", "authority-1"]);
    });

    it("gives batches back byte for byte, from any index, at most so many", async () => {
      await using stores = await open();
      // A view into a larger buffer: only what it shows belongs to the batch.
      const large = new Uint8Array(1000).fill(7);
      const batches = [large.subarray(3, 5), new Uint8Array(), Uint8Array.of(0, 255)];
      for (const batch of batches) await stores.issuanceLog.append("a", batch, 5);
      const rows = await stores.issuanceLog.read("a", 1, 1);
      expect(rows).toEqual([{ index: 1, batch: new Uint8Array() }]);
      expect((await stores.issuanceLog.read("a", 0, 9)).map(({ batch }) => [...batch])).toEqual([[7, 7], [], [0, 255]]);
      expect(await stores.issuanceLog.read("a", 3, 9)).toEqual([]);
      expect(await stores.issuanceLog.read("b", 0, 9)).toEqual([]);
    });

    it.each([0, -1, 1.5, Number.NaN])("refuses a batch of %d certificates as the caller's mistake", async (count) => {
      await using stores = await open();
      await expect(stores.issuanceLog.append("a", Uint8Array.of(1), count)).rejects.toBeInstanceOf(RangeError);
      expect(await stores.issuanceLog.authorities()).toEqual([]);
    });
  });
}
