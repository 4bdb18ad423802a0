// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatDuration, parseDuration } from "./duration.ts";

describe("parseDuration", () => {
  it.each([
    ["90s", 90],
    ["5m", 300],
    ["24h", 86_400],
    ["1h30m", 5400],
    ["2m30s", 150],
    ["1h1s", 3601],
  ])("reads %s as %i seconds and writes it the same", (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds);
    expect(formatDuration(seconds)).toBe(text);
  });

  it.each([
    "5",
    "-5m",
    "1e3h",
    "0",
    "0s",
    "NaN",
    "",
    " 5m",
    "5m ",
    "5m\n",
    "5M",
    "1.5h",
    "30m1h",
    "1h60m",
    "1m60s",
    "1h0m",
    "99999999h",
    "٥m",
  ])("CFG-D04: refuses %j", (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it("reads back whatever formatDuration writes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 315_360_000 }), (seconds) => {
        expect(parseDuration(formatDuration(seconds))).toBe(seconds);
      }),
    );
  });
});
