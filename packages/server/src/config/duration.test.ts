// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { formatDuration, parseDuration } from "./duration.ts";

describe("parseDuration", () => {
  it.each([
    ["90s", 90],
    ["5m", 300],
    ["24h", 86_400],
  ])("reads %s as %i seconds", (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds);
    expect(parseDuration(formatDuration(seconds))).toBe(seconds);
  });

  it.each(["5", "-5m", "1e3h", "0", "0s", "NaN", "", " 5m", "5m ", "5M", "1.5h", "1h30m", "99999999h", "٥m"])(
    "CFG-D04: refuses %j",
    (text) => {
      expect(parseDuration(text)).toBeUndefined();
    },
  );
});
