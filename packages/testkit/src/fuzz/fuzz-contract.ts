// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { type FuzzTarget, isTaken } from "./fuzz-target.ts";
import { generator, mutate } from "./mutate.ts";

/** What is tested of every fuzz target: it takes its seeds, and of some changed inputs not all, throwing its own error only. */
export function fuzzContract(
  targets: Readonly<Record<string, FuzzTarget>>,
  runsOf: (name: string) => number = () => 200,
): void {
  describe("the parsers of untrusted input", () => {
    it.each(Object.entries(targets))("%s: takes its seeds", async (_, target) => {
      expect(target.seeds.length).toBeGreaterThan(0);
      for (const seed of target.seeds) expect(await isTaken(target, seed)).toBe(true);
    });

    it.each(Object.entries(targets))("%s: throws nothing but its own error", async (name, target) => {
      const random = generator(20_261_125);
      const runs = runsOf(name);
      let taken = 0;
      for (let run = 0; run < runs; run++) taken += Number(await isTaken(target, mutate(target, random)));
      expect(taken).toBeLessThan(runs);
    });
  });
}
