// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import type { AuthorityRecord } from "../ports.ts";
import { keptUntil, rotationSchedule } from "./schedule.ts";

const born = Date.parse("2026-11-24T12:00:00Z");
const day = 86_400;

/** Made at `born` with a backdate of 30 s. */
function record(ttlSeconds: number): AuthorityRecord {
  return {
    kind: "jwt",
    id: "a",
    slot: "active",
    keyRef: "a",
    publicKey: new Uint8Array(),
    notBefore: new Date(born - 30_000),
    notAfter: new Date(born + ttlSeconds * 1000),
    tainted: false,
    revoked: false,
  };
}

function secondsOf(ttlSeconds: number): number[] {
  const { prepareAt, activateAt, activateBy } = rotationSchedule(record(ttlSeconds));
  return [prepareAt, activateAt, activateBy].map((at) => (at.getTime() - born) / 1000);
}

describe("the schedule of an authority", () => {
  it.each([
    ["a minute", 60, [30, 50, 55]],
    ["a day", day, [day / 2, (day * 5) / 6, (day * 11) / 12]],
    ["a year", 365 * day, [335 * day, 358 * day, 361.5 * day]],
  ])(
    "%s: prepared at half, at most 30 days ahead; active at five sixths, at most 7 days ahead",
    (_name, ttl, expected) => {
      expect(secondsOf(ttl)).toEqual(expected);
    },
  );

  it("keeps it in the bundle after its end for as long again, at most a day", () => {
    expect(keptUntil(record(60)).getTime() - born).toBe((60 + 90) * 1000);
    expect(keptUntil(record(30 * day)).getTime() - born).toBe((30 * day + day) * 1000);
  });
});
