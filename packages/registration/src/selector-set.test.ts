// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatSelector, type Selector } from "./selector.ts";
import { compareSelectors, SelectorSet } from "./selector-set.ts";

const selectors: fc.Arbitrary<Selector[]> = fc.array(
  fc.record({ type: fc.constantFrom("a", "b", "__proto__"), value: fc.constantFrom("1", "2", "1:2", "__proto__") }),
  { maxLength: 8 },
);
const texts = (items: Iterable<Selector>): Set<string> => new Set([...items].map(formatSelector));

describe("SelectorSet", () => {
  it("agrees with sets of texts", () => {
    fc.assert(
      fc.property(selectors, selectors, (one, other) => {
        const [a, b] = [SelectorSet.of(one), SelectorSet.of(other)];
        const [left, right] = [texts(one), texts(other)];
        const subset = [...right].every((text) => left.has(text));
        expect(texts(a)).toEqual(left);
        expect(a.size).toBe(left.size);
        expect(a.isSupersetOf(other)).toBe(subset);
        expect(a.fulfills(other)).toBe(right.size > 0 && subset);
        expect(a.equals(b)).toBe(right.size === left.size && subset);
        expect(texts(a.missing(other))).toEqual(new Set([...right].filter((text) => !left.has(text))));
        expect([...a]).toEqual([...a].toSorted(compareSelectors));
      }),
    );
  });
});
