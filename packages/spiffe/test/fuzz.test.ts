// SPDX-License-Identifier: Apache-2.0
import { attempt, generator, mutate } from "@mayfly/testkit";
import { assert, nat, property, uint8Array } from "fast-check";
import { describe, expect, it } from "vitest";
import { binaryTargets } from "./fuzz-binary-targets.ts";
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
});
