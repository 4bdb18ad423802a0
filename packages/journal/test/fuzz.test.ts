// SPDX-License-Identifier: Apache-2.0
import { generator, isTaken, mutate } from "@mayfly/testkit";
import { describe, expect, it } from "vitest";
import { targets } from "./fuzz-targets.ts";

describe("parsers of untrusted bytes", () => {
  it.each(Object.entries(targets))(
    "the target %s throws nothing but JournalError, and its seeds are read",
    async (name, target) => {
      const taken = await Promise.all(target.seeds.map((seed) => isTaken(target, seed).catch(() => "broken")));
      // A log made of one resource only is a log of nonsense, which the target looks for; of the others at least one is sound.
      if (name !== "log") expect(taken).toContain(true);
      expect(taken.length).toBeGreaterThan(0);
      const random = generator(20_261_124);
      for (let run = 0; run < 200; run += 1) await isTaken(target, mutate(target, random));
    },
  );
});
