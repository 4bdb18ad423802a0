// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseStrictJson, StrictJsonError } from "./strict-json.ts";

const parse = (text: string): unknown => parseStrictJson(Buffer.from(text));

function problemOf(text: string | Uint8Array): string | undefined {
  try {
    parseStrictJson(Buffer.from(text));
    return undefined;
  } catch (error) {
    return (error as StrictJsonError).problem;
  }
}

describe("strict JSON", () => {
  it.each([
    ['{"a":1,"a":1}', "NAME_TWICE"],
    ['{"a":1,"\\u0061":1}', "NAME_TWICE"],
    ['{"a":{"b":1,"B":2}}', "NAME_CASE"],
    ['[{"name":1,"nAme":2}]', "NAME_CASE"],
    ['{"K":1,"k":2}', "NAME_CASE"],
    ['{"s":1,"\u017f":2}', "NAME_CASE"],
    ['{"a\\u0000":1}', "NAME_FORBIDDEN"],
    ['{"a\\u001f":1}', "NAME_FORBIDDEN"],
    ['{"\\ud800":1}', "NAME_FORBIDDEN"],
    ['{"__proto__":1}', "NAME_FORBIDDEN"],
    ["[".repeat(33) + "]".repeat(33), "TOO_DEEP"],
    ["", "NOT_JSON"],
    ["{}{}", "NOT_JSON"],
    ["{'a':1}", "NOT_JSON"],
    ['{"a":1,}', "NOT_JSON"],
    ["\uFEFF{}", "NOT_JSON"],
    ["NaN", "NOT_JSON"],
  ])("refuses %j: %s", (text, problem) => {
    expect(problemOf(text)).toBe(problem);
  });

  it("refuses bytes that are no UTF-8", () => {
    for (const bytes of [[0x22, 0xc0, 0xaf, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22], [0xff]]) {
      expect(problemOf(Uint8Array.from(bytes))).toBe("NOT_UTF8");
    }
  });

  it("takes equal names in different objects, and texts that look like names", () => {
    const text = '{"a":{"a":"a"},"b":["a","a",{"a":"\\"a\\":1"}],"c":"{\\"a\\":1,\\"a\\":2}"}';
    expect(parse(text)).toEqual(JSON.parse(text));
  });

  it("reads what JSON.parse reads, where no object has two names that fold together", () => {
    const lower = fc.stringMatching(/^[a-z0-9]{0,6}$/);
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 5 },
        fc.string(),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie("any"), { maxLength: 4 }),
        fc.dictionary(lower, tie("any"), { maxKeys: 4, noNullPrototype: true }),
      ),
    })).any;
    fc.assert(
      fc.property(value, fc.nat(3), (each, indent) => {
        const text = JSON.stringify(each, undefined, indent);
        expect(parse(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it("gives a value or its own error for any bytes, and never one with a name that comes twice", () => {
    const pieces = fc.array(
      fc.constantFrom("{", "}", "[", "]", ":", ",", '"a"', '"A"', '"b\\"', '"\\\\"', "1", " ", '"', "\\", "null"),
      { maxLength: 14 },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          pieces.map((all) => Buffer.from(all.join(""))),
          fc.uint8Array({ maxLength: 20 }),
        ),
        (bytes) => {
          try {
            const value = parseStrictJson(bytes);
            const names = [
              ...Buffer.from(bytes)
                .toString()
                .matchAll(/"a"\s*:/g),
            ].length;
            expect(JSON.stringify(value).match(/"a":/g)?.length ?? 0).toBe(names);
          } catch (error) {
            expect(error).toBeInstanceOf(StrictJsonError);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});
