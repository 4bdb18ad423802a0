// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codeOf } from "../test/codes.ts";
import { anyText } from "../test/texts.ts";
import { canonicalJson } from "./canonical-json.ts";

/** RFC 8785 Appendix B: the double's bits and its text. */
const numbers: readonly (readonly [string, string])[] = [
  ["0000000000000000", "0"],
  ["8000000000000000", "0"],
  ["0000000000000001", "5e-324"],
  ["8000000000000001", "-5e-324"],
  ["7fefffffffffffff", "1.7976931348623157e+308"],
  ["ffefffffffffffff", "-1.7976931348623157e+308"],
  ["4340000000000000", "9007199254740992"],
  ["c340000000000000", "-9007199254740992"],
  ["4430000000000000", "295147905179352830000"],
  ["44b52d02c7e14af5", "9.999999999999997e+22"],
  ["44b52d02c7e14af6", "1e+23"],
  ["44b52d02c7e14af7", "1.0000000000000001e+23"],
  ["444b1ae4d6e2ef4e", "999999999999999700000"],
  ["444b1ae4d6e2ef4f", "999999999999999900000"],
  ["444b1ae4d6e2ef50", "1e+21"],
  ["3eb0c6f7a0b5ed8c", "9.999999999999997e-7"],
  ["3eb0c6f7a0b5ed8d", "0.000001"],
  ["41b3de4355555553", "333333333.3333332"],
  ["41b3de4355555554", "333333333.33333325"],
  ["41b3de4355555555", "333333333.3333333"],
  ["41b3de4355555556", "333333333.3333334"],
  ["41b3de4355555557", "333333333.33333343"],
  ["becbf647612f3696", "-0.0000033333333333333333"],
  ["43143ff3c1cb0959", "1424953923781206.2"],
];

describe("canonical JSON", () => {
  it.each(numbers)("writes the double %s as %s", (bits, text) => {
    expect(canonicalJson(Buffer.from(bits, "hex").readDoubleBE())).toBe(text);
  });

  it("writes strings as RFC 8785 §3.2.2 does", () => {
    const input = String.raw`{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],
      "string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}`;
    expect(canonicalJson(JSON.parse(input))).toBe(
      String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    );
    const controls = Array.from({ length: 0x20 }, (_, unit) => String.fromCharCode(unit)).join("");
    const short: Readonly<Record<number, string>> = { 8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r" };
    const escaped = Array.from({ length: 0x20 }, (_, u) => short[u] ?? `\\u${u.toString(16).padStart(4, "0")}`).join(
      "",
    );
    expect(canonicalJson(`${controls}\u007f\u2028\u2029/`)).toBe(`"${escaped}\u007f\u2028\u2029/"`);
  });

  it("sorts members by UTF-16 code units as RFC 8785 §3.2.3 does", () => {
    const names = ["\u20ac", "\r", "\ufb33", "1", "\u{1f600}", "\u0080", "\u00f6"];
    const sorted = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\u{1f600}", "\ufb33"];
    const text = canonicalJson(Object.fromEntries(names.map((name) => [name, 0])));
    expect(text).toBe(`{${sorted.map((name) => `${JSON.stringify(name)}:0`).join(",")}}`);
    const integers = { 10: 0, 9: 0, a: 0, __proto__: null };
    expect(canonicalJson(integers)).toBe('{"10":0,"9":0,"a":0}');
    expect(canonicalJson(JSON.parse('{"b":1,"__proto__":{"x":2}}'))).toBe('{"__proto__":{"x":2},"b":1}');
  });

  it("is one text for one value: it is JSON of that value, and does not depend on the order of members", () => {
    const text = anyText();
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constant(null),
        fc.boolean(),
        text,
        fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
        fc.array(tie("value"), { maxLength: 4 }),
        fc.dictionary(text, tie("value"), { maxKeys: 5 }),
      ),
    }));
    const turned = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(turned);
      if (typeof value !== "object" || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .map(([name, one]) => [name, turned(one)])
          .toReversed(),
      );
    };
    fc.assert(
      fc.property(value, (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(turned(value))).toBe(text);
      }),
      { numRuns: 300 },
    );
  });

  const cyclic: unknown[] = [];
  cyclic.push(cyclic);
  const deep = (levels: number): unknown => (levels === 0 ? 0 : [deep(levels - 1)]);

  it.each<[string, unknown]>([
    ["NaN", Number.NaN],
    ["infinity", { a: Number.POSITIVE_INFINITY }],
    ["a lone high surrogate", "\ud800"],
    ["a lone low surrogate in a name", { "\udc00": 1 }],
    ["undefined", undefined],
    ["an undefined member", { a: undefined }],
    ["a hole", Array(2)],
    ["a bigint", 1n],
    ["a function", () => 1],
    ["a symbol", Symbol("a")],
    ["a date", new Date(0)],
    ["a map", new Map()],
    ["bytes", new Uint8Array(2)],
    ["a number object", Object(1)],
    ["a cycle", cyclic],
    ["33 levels", deep(33)],
    ["a long text", "x".repeat(1_048_576)],
    ["a text of long characters", "€".repeat(400_000)],
  ])("refuses %s", (_, value) => {
    expect(codeOf(() => canonicalJson(value))).toBe("JSON_UNREPRESENTABLE");
  });

  it("takes 32 levels and exactly as many bytes as it is allowed", () => {
    expect(canonicalJson(deep(32))).toBe(`${"[".repeat(32)}0${"]".repeat(32)}`);
    expect(canonicalJson({ a: "€", b: [1, {}] }, { maxBytes: 22 })).toBe('{"a":"€","b":[1,{}]}');
    expect(codeOf(() => canonicalJson({ a: "€", b: [1, {}] }, { maxBytes: 21 }))).toBe("JSON_UNREPRESENTABLE");
    const lists = Array.from({ length: 100 }, () => []);
    expect(codeOf(() => canonicalJson(lists, { maxBytes: 150 }))).toBe("JSON_UNREPRESENTABLE");
  });
});
