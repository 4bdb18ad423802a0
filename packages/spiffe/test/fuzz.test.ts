// SPDX-License-Identifier: Apache-2.0
import { array, assert, integer, nat, property, uint8Array } from "fast-check";
import { describe, expect, it } from "vitest";
import { binaryTargets } from "./fuzz-binary-targets.ts";
import { assertHolds, attempt, generator, mutate } from "./fuzz-kit.ts";
import { textTargets } from "./fuzz-text-targets.ts";

const targets = Object.entries({ ...textTargets, ...binaryTargets });

describe("the parsers of untrusted input", () => {
  it.each(targets)("%s: throws nothing but its own error, whatever the bytes", (_, target) => {
    assert(
      property(uint8Array({ maxLength: 300 }), (bytes) => {
        attempt(() => target.run(bytes), target.error);
      }),
      { numRuns: 50 },
    );
    assert(
      property(nat(), (seed) => {
        attempt(() => target.run(mutate(target, generator(seed))), target.error);
      }),
      { numRuns: 150 },
    );
  });

  it.each(targets)("%s: takes one of its seeds at least", (_, target) => {
    expect(target.seeds.some((seed) => attempt(() => target.run(seed), target.error))).toBe(true);
  });

  it("a fault is none of the errors that are expected", () => {
    for (const [, { error }] of targets)
      expect(() => attempt(() => assertHolds(false, "broken"), error)).toThrow("broken");
  });

  it("one seed gives one run", () => {
    assert(
      property(
        integer({ min: 1, max: 2 ** 31 }),
        array(integer({ min: 1, max: 500 }), { minLength: 1 }),
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
});
