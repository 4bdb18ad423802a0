// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it, vi } from "vitest";
import { PacedLook } from "./paced-look.ts";

describe("a paced look", () => {
  it("is taken at once where the last took no time, and once for all who ask while it rests", () => {
    vi.useFakeTimers({ now: 1_000, toFake: ["performance", "setTimeout", "clearTimeout"] });
    try {
      let [looks, workMs] = [0, 0];
      using look = new PacedLook(() => {
        looks += 1;
        vi.advanceTimersByTime(workMs);
      });
      look.ask();
      look.ask();
      expect(looks).toBe(2);
      workMs = 20;
      look.ask();
      expect(looks).toBe(3);
      workMs = 0;
      for (let asked = 0; asked < 10; asked++) look.ask();
      expect(looks).toBe(3);
      vi.advanceTimersByTime(59);
      expect(looks).toBe(3);
      vi.advanceTimersByTime(2);
      expect(looks).toBe(4);
      vi.advanceTimersByTime(1_000);
      expect(looks).toBe(4);
    } finally {
      vi.useRealTimers();
    }
  });
});
