// SPDX-License-Identifier: Apache-2.0
import type { LogStore } from "@mayfly/journal";
import { describe, expect, it } from "vitest";

/** Opens an empty store of a log; each test opens its own and closes it. */
export type OpenLogStore = () => Promise<{ readonly record: LogStore } & AsyncDisposable>;

const bytes = (...octets: number[]): Uint8Array => Uint8Array.from(octets);

/** What every LogStore does: batches come in whole and in order, or not at all. */
export function logStoreContract(open: OpenLogStore): void {
  describe("log store", () => {
    it("is empty at first", async () => {
      await using stores = await open();
      const { record } = stores;
      expect(await record.load()).toEqual({ size: 0 });
      expect(await record.readTile(0, 0)).toBeUndefined();
      expect(await record.readEntries(0, 256)).toEqual([]);
    });

    it("gives back entries and tiles byte for byte, a tile as wide as it was given last", async () => {
      await using stores = await open();
      const { record } = stores;
      const whole = bytes(9, 0, 255, 128, 10, 9);
      const entries = [whole.subarray(1, 5), bytes(), bytes(7)];
      await record.append({ firstIndex: 0, entries, tiles: [{ level: 1, index: 0, hashes: whole.subarray(2, 3) }] });
      const wider = { level: 1, index: 0, hashes: whole };
      await record.append({ firstIndex: 3, entries: [bytes(8)], tiles: [wider, { ...wider, index: 2 ** 40 }] });
      expect(await record.load()).toEqual({ size: 4 });
      expect((await record.readEntries(0, 256)).map((each) => [...each])).toEqual([[0, 255, 128, 10], [], [7], [8]]);
      expect((await record.readEntries(1, 3)).map((each) => [...each])).toEqual([[], [7]]);
      for (const index of [0, 2 ** 40]) expect(await record.readTile(1, index)).toEqual(whole);
      expect(await record.readTile(0, 0)).toBeUndefined();
    });

    it("refuses a batch that does not begin at its size, and keeps nothing of it", async () => {
      await using stores = await open();
      const { record } = stores;
      await record.append({ firstIndex: 0, entries: [bytes(1)], tiles: [] });
      const tiles = [{ level: 0, index: 0, hashes: bytes(1) }];
      for (const firstIndex of [0, 2]) {
        await expect(record.append({ firstIndex, entries: [bytes(2)], tiles })).rejects.toThrow();
      }
      expect(await record.load()).toEqual({ size: 1 });
      expect(await record.readTile(0, 0)).toBeUndefined();
      expect((await record.readEntries(0, 9)).map((each) => [...each])).toEqual([[1]]);
    });

    it("lets one of two writers in, 50 races", async () => {
      await using stores = await open();
      const { record } = stores;
      for (let firstIndex = 0; firstIndex < 50; firstIndex++) {
        const appends = [1, 2].map((octet) => record.append({ firstIndex, entries: [bytes(octet)], tiles: [] }));
        const outcomes = (await Promise.allSettled(appends)).map(({ status }) => status);
        expect(outcomes.toSorted()).toEqual(["fulfilled", "rejected"]);
      }
      expect(await record.load()).toEqual({ size: 50 });
    });

    it("keeps the last checkpoint", async () => {
      await using stores = await open();
      const { record } = stores;
      await record.saveCheckpoint("a\n");
      await record.saveCheckpoint("b\n\n— é\n");
      expect(await record.load()).toEqual({ size: 0, checkpoint: "b\n\n— é\n" });
    });
  });
}
