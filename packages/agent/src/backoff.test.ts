// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { Backoff } from "./backoff.ts";

describe("the back-off", () => {
  it("doubles up to its bound, leaves half to chance, and starts again after a success", () => {
    const longest = new Backoff({ firstMs: 100, maxMs: 500, random: () => 1 });
    expect([1, 2, 3, 4, 5].map(() => longest.nextMs())).toEqual([100, 200, 400, 500, 500]);
    const shortest = new Backoff({ firstMs: 100, maxMs: 500, random: () => 0 });
    expect([1, 2, 3].map(() => shortest.nextMs())).toEqual([50, 100, 200]);
    longest.reset();
    expect(longest.nextMs()).toBe(100);
  });
});
