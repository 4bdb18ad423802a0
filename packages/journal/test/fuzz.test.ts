// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { attempt, generator, targets } from "./fuzz.ts";
import { mutate, openSeeds } from "./seeds.ts";

const corpus = await openSeeds();

describe("parsers of untrusted bytes", () => {
  it.each(Object.keys(targets))(
    "the target %s throws nothing but JournalError, and its seeds are read",
    async (name) => {
      const random = generator(20_261_124);
      const seeds = corpus.inputs[name] ?? [];
      expect(seeds.length).toBeGreaterThan(0);
      const taken = await Promise.all(
        seeds.map((seed) => attempt(() => targets[name]?.(seed, corpus)).catch(() => "broken")),
      );
      // A log made of one resource only is a log of nonsense, which the target looks for; of the others at least one is sound.
      if (name !== "log") expect(taken).toContain(true);
      for (let run = 0; run < 200; run += 1) {
        const input = mutate(seeds[run % seeds.length] ?? new Uint8Array(), random);
        await attempt(() => targets[name]?.(input, corpus));
      }
    },
  );
});
