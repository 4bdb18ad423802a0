// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyText } from "../test/any-text.ts";
import { decodeUtf8, JsonError, parseJson } from "./json.ts";

describe("JSON reader", () => {
  it("reads what JSON.parse reads, to the same value", () => {
    fc.assert(
      fc.property(
        fc.json({ maxDepth: 6, stringUnit: "grapheme" }),
        fc.constantFrom(undefined, 1, "\t"),
        (text, indent) => {
          const value: unknown = JSON.parse(text);
          expect(parseJson(JSON.stringify(value, undefined, indent))).toEqual(value);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("refuses what JSON.parse refuses, and never fails otherwise", () => {
    const tokens = fc.constantFrom(
      ...'{ } [ ] , : "a" "\\u00e9" "\\x" 1 -1 01 1. .5 1e5 1e999 -0 true nul null \t \n " \\ {"a":1}'.split(" "),
    );
    const texts = fc.oneof(
      anyText,
      fc.array(tokens, { maxLength: 12 }).map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(texts, (text) => {
        let read: unknown;
        try {
          read = parseJson(text);
        } catch (error) {
          expect(error).toBeInstanceOf(JsonError);
          return;
        }
        expect(read).toEqual(JSON.parse(text));
      }),
      { numRuns: 3_000 },
    );
  });

  it.each(['{"a":1,"a":2}', '{"a":1,"\\u0061":2}', '{"__proto__":1,"__proto__":2}'])(
    "refuses a member twice: %s",
    (text) => {
      expect(() => parseJson(text)).toThrow(JsonError);
    },
  );

  it("tells the way to a member that is there twice", () => {
    const duplicate = (text: string): unknown => {
      try {
        return parseJson(text);
      } catch (error) {
        return error instanceof JsonError ? error.duplicate : error;
      }
    };
    expect(duplicate('{"a":{"b":1,"b":2}}')).toEqual(["a", "b"]);
    expect(duplicate('{"a":[{"b":1,"b":2}]}')).toEqual(["a", "b"]);
    expect(duplicate('{"a":')).toBeUndefined();
  });

  it("keeps a member called __proto__ a member", () => {
    const value = parseJson('{"__proto__":{"admin":true}}') as Record<string, unknown>;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(value["admin"]).toBeUndefined();
    expect(Object.keys(value)).toEqual(["__proto__"]);
  });

  it("holds integers exactly when asked", () => {
    expect(parseJson("[9007199254740993,1,18446744073709551615]", { bigints: true })).toEqual([
      9007199254740993n,
      1,
      18446744073709551615n,
    ]);
    expect(parseJson("9007199254740993")).toBe(9007199254740992);
  });

  it.each([
    "1e999",
    '"\\ud800"',
    "[".repeat(33) + "]".repeat(33),
    '"a\nb"',
    '"\u0000"',
    "\ufeff1",
    "",
    "1 2",
    "'a'",
    "{a:1}",
    "[1,]",
  ])("refuses %j", (text) => {
    expect(() => parseJson(text)).toThrow(JsonError);
  });

  it("reads 32 levels and a string of a million characters", () => {
    expect(() => parseJson("[".repeat(32) + "]".repeat(32))).not.toThrow();
    expect(parseJson(JSON.stringify("a\\".repeat(500_000)))).toHaveLength(1_000_000);
  });

  it("refuses bytes that are not UTF-8", () => {
    expect(() => decodeUtf8(Uint8Array.of(0xff))).toThrow(JsonError);
    expect(() => decodeUtf8(Uint8Array.of(0xed, 0xa0, 0x80))).toThrow(JsonError);
    expect(decodeUtf8(Uint8Array.of(0xef, 0xbb, 0xbf))).toBe("\ufeff");
  });
});
