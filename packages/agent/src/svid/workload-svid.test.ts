// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { renewalTime } from "./workload-svid.ts";

describe("the time of renewal", () => {
  it("lies between 40 and 50 % of life, and is the same for the same entry", () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 86_400 }), (entryId, lifeSeconds) => {
        const from = new Date("2027-01-01T00:00:00Z");
        const end = new Date(from.getTime() + lifeSeconds * 1000);
        const at = renewalTime(entryId, from, end);
        const part = (at.getTime() - from.getTime()) / (lifeSeconds * 1000);
        expect(part).toBeGreaterThan(0.39);
        expect(part).toBeLessThan(0.51);
        expect(renewalTime(entryId, from, end)).toEqual(at);
      }),
    );
  });

  it("spreads entries of one age", () => {
    const from = new Date(0);
    const times = Array.from({ length: 1000 }, (_, index) =>
      renewalTime(`entry-${index}`, from, new Date(600_000)).getTime(),
    );
    expect(new Set(times.map((time) => Math.floor(time / 1000))).size).toBeGreaterThan(50);
  });
});
