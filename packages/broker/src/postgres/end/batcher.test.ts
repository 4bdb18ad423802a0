// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { Batcher } from "./batcher.ts";
import { Limiter } from "./limiter.ts";

describe("a batcher", () => {
  it("does together what is asked for at once, and no more than it may", async () => {
    const batches: number[] = [];
    const batcher = new Batcher(async (items: readonly number[]) => {
      batches.push(items.length);
      await Promise.resolve();
      return items.map((item) => item * 2);
    }, 4);
    expect(await Promise.all([1, 2, 3, 4, 5, 6].map((item) => batcher.add(item)))).toEqual([2, 4, 6, 8, 10, 12]);
    expect(batches).toEqual([4, 2]);
  });

  it("lets nobody fail for another's sake", async () => {
    const batcher = new Batcher(async (items: readonly number[]) => {
      await Promise.resolve();
      if (items.includes(3)) throw new Error("three");
      return items;
    }, 10);
    const outcomes = await Promise.allSettled([1, 2, 3, 4].map((item) => batcher.add(item)));
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"]);
  });
});

describe("a limiter", () => {
  it("lets so many in and no more, also after failures", async () => {
    const limiter = new Limiter(2);
    let [inside, most] = [0, 0];
    const runs = Array.from({ length: 9 }, (_, index) =>
      limiter.run(async () => {
        most = Math.max(most, ++inside);
        await new Promise(setImmediate);
        inside--;
        if (index % 3 === 0) throw new Error("no");
      }),
    );
    await Promise.allSettled(runs);
    expect(most).toBe(2);
    expect(inside).toBe(0);
  });
});
