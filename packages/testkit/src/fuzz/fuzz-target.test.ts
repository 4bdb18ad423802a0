// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assertHolds, attempt, isTaken } from "./fuzz-target.ts";
import { generator, maxFuzzInput, mutate } from "./mutate.ts";

class Refusal extends Error {}

describe("a target of fuzzing", () => {
  it.each([Refusal, RangeError])("a fault is none of the errors that it may throw: %s", async (error) => {
    const broken = (): void => assertHolds(false, "broken");
    expect(() => attempt(broken, error)).toThrow("broken");
    await expect(isTaken({ seeds: [], words: [], error, run: broken }, new Uint8Array())).rejects.toThrow("broken");
  });

  it("its own error is a no, now or later", async () => {
    const now = (): never => {
      throw new Refusal();
    };
    const target = { seeds: [], words: [], error: Refusal };
    expect(attempt(now, Refusal)).toBe(false);
    expect(await isTaken({ ...target, run: now }, new Uint8Array())).toBe(false);
    expect(await isTaken({ ...target, run: () => Promise.reject(new Refusal()) }, new Uint8Array())).toBe(false);
    expect(await isTaken({ ...target, run: () => 1 }, new Uint8Array())).toBe(true);
  });
});

describe("changed inputs", () => {
  it("one seed gives one run", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2 ** 31 }),
        fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1 }),
        (seed, belows) => {
          const [one, two] = [generator(seed), generator(seed)];
          for (const below of belows) {
            const number = one(below);
            expect(two(below)).toBe(number);
            expect(number >= 0 && number < below).toBe(true);
          }
        },
      ),
    );
  });

  it("have an end, and leave the seeds as they are", () => {
    const seeds = [Buffer.alloc(maxFuzzInput, "a"), Buffer.from("short")];
    const words = [Buffer.from("word")];
    const random = generator(7);
    for (let run = 0; run < 5; run++) {
      expect(mutate({ seeds, words }, random).length).toBeLessThanOrEqual(maxFuzzInput);
    }
    expect(seeds).toEqual([Buffer.alloc(maxFuzzInput, "a"), Buffer.from("short")]);
  });
});
