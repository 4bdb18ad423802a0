// SPDX-License-Identifier: Apache-2.0
import { generator, isTaken, mutate } from "@mayfly/testkit";
import { describe, expect, it } from "vitest";
import { targets } from "./fuzz-targets.ts";

describe("the parsers of untrusted input", () => {
  it.each(Object.entries(targets))("%s: takes its seeds", async (_, target) => {
    expect(target.seeds.length).toBeGreaterThan(0);
    for (const seed of target.seeds) expect(await isTaken(target, seed)).toBe(true);
  });

  it.each(Object.entries(targets))("%s: throws nothing but its own error", async (_, target) => {
    const random = generator(20_261_125);
    let taken = 0;
    for (let run = 0; run < 200; run++) taken += Number(await isTaken(target, mutate(target, random)));
    expect(taken).toBeLessThan(200);
  });
});
