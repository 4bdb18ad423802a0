// SPDX-License-Identifier: Apache-2.0
import { InvalidArgumentError } from "commander";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { duration, idText, instant, repeated, selector, spiffeId, trustDomain } from "./values.ts";

describe("option values", () => {
  it("reads durations as seconds", () => {
    expect([duration("90s"), duration("5m"), duration("24h")]).toEqual([90, 300, 86_400]);
  });

  it.each(["5", "-5m", "1e3h", "0", "NaN"])("CFG-D04: refuses the duration %j", (text) => {
    expect(() => duration(text)).toThrow(InvalidArgumentError);
  });

  it("reads times with an offset", () => {
    expect(instant("2026-01-01T01:00:00+01:00")).toBe(1_767_225_600);
  });

  it.each(["2026-01-01", "tomorrow", "2026-13-01T00:00:00Z", "1767225600"])("refuses the time %j", (text) => {
    expect(() => instant(text)).toThrow(InvalidArgumentError);
  });

  it("splits selectors at the first colon", () => {
    expect(selector("unix:path:/a:b")).toEqual({ type: "unix", value: "path:/a:b" });
  });

  it.each(["", "unix", ":uid", "unix:"])("refuses the selector %j", (text) => {
    expect(() => selector(text)).toThrow(InvalidArgumentError);
  });

  it("takes SPIFFE IDs in full only", () => {
    expect(idText(spiffeId("spiffe://example.org/a/b"))).toBe("spiffe://example.org/a/b");
    expect(() => spiffeId("/a/b")).toThrow(InvalidArgumentError);
  });

  it("takes a trust domain by name or ID", () => {
    expect([trustDomain("example.org"), trustDomain("spiffe://example.org")]).toEqual(["example.org", "example.org"]);
  });

  it("gathers repeated options in order", () => {
    const parse = repeated(selector);
    expect(parse("b:2", parse("a:1", undefined))).toEqual([
      { type: "a", value: "1" },
      { type: "b", value: "2" },
    ]);
  });

  it("refuses with nothing but an InvalidArgumentError, whatever the text", () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom(duration, instant, selector, spiffeId, trustDomain), (text, parse) => {
        try {
          parse(text);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidArgumentError);
        }
      }),
    );
  });
});
