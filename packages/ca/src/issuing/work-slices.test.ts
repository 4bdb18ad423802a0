// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { WorkSlices } from "./work-slices.ts";

describe("work slices", () => {
  it("answers in order", async () => {
    const slices = new WorkSlices();
    expect(await slices.each([1, 2, 3], (n) => (n === 2 ? Promise.resolve(n * 2) : n * 2))).toEqual([2, 4, 6]);
  });

  it("answers an empty list", async () => {
    expect(await new WorkSlices().each([], () => 1)).toEqual([]);
  });

  it("ends a caller's work at its first failure and goes on with the others'", async () => {
    const slices = new WorkSlices();
    let done = 0;
    const failing = slices.each([1, 2, 3], (n) => {
      done++;
      if (n === 2) throw new RangeError("two");
      return n;
    });
    const other = slices.each([5], (n) => n);
    await expect(failing).rejects.toThrow(RangeError);
    expect(await other).toEqual([5]);
    expect(done).toBe(2);
  });

  it("lets a small caller pass a large one", async () => {
    const slices = new WorkSlices();
    let largeDone = 0;
    const large = slices.each(Array.from({ length: 5000 }), () => {
      largeDone++;
    });
    await slices.each([1], (n) => n);
    expect(largeDone).toBeLessThan(5000);
    await large;
  });
});
