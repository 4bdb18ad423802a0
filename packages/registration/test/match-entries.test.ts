// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matchEntries } from "../src/index.ts";
import { naiveMatch } from "./naive.ts";
import { anyEntry, anySelectors, entry, server } from "./worlds.ts";

const now = new Date(1_000_000);
const a = { type: "x", value: "a" };
const b = { type: "x", value: "b" };

function ids(...args: Parameters<typeof matchEntries>): string[] {
  return matchEntries(...args).map(({ id }) => id);
}

describe("matchEntries", () => {
  it("equals the naive definition", () => {
    let nonEmpty = 0;
    fc.assert(
      fc.property(
        fc.uniqueArray(anyEntry, { selector: ({ id }) => id, minLength: 3, maxLength: 10, size: "max" }),
        anySelectors,
        (entries, attested) => {
          const matches = matchEntries(entries, attested, { now });
          expect(matches).toEqual(naiveMatch(entries, attested, 1000));
          if (matches.length > 0) nonEmpty += 1;
        },
      ),
      { numRuns: 1000 },
    );
    expect(nonEmpty).toBeGreaterThan(80);
  });

  it("REG-D06: selectors {a} do not fulfill an entry that needs {a, b}", () => {
    const entries = [entry({ id: "both", selectors: [a, b] })];
    expect(ids(entries, [a], { now })).toEqual([]);
    expect(ids(entries, [b, a], { now })).toEqual(["both"]);
  });

  it("REG-D05: compares values whole, never as patterns", () => {
    const entries = ["*", "a.*", "A", "a ", "a\n", "a\0"].map((value, at) =>
      entry({ id: `e${String(at)}`, selectors: [{ type: "x", value }] }),
    );
    expect(ids(entries, [a], { now })).toEqual([]);
    expect(ids(entries, [{ type: "x", value: "*" }], { now })).toEqual(["e0"]);
  });

  it("does not mix up where type and value of a selector meet", () => {
    expect(
      ids([entry({ id: "e", selectors: [{ type: "x", value: "a:b" }] })], [{ type: "x:a", value: "b" }], { now }),
    ).toEqual([]);
  });

  it("REG-D07: an entry without selectors matches nobody", () => {
    expect(ids([entry({ id: "all", selectors: [] })], [a, b], { now })).toEqual([]);
  });

  it("leaves out stored SVIDs, node aliases, and entries from the second of their end on", () => {
    const entries = [
      entry({ id: "stored", selectors: [a], storeSvid: true }),
      entry({ id: "alias", selectors: [a], parentId: server }),
      entry({ id: "over", selectors: [a], expiresAt: 1000 }),
      entry({ id: "soon", selectors: [a], expiresAt: 1001 }),
    ];
    expect(ids(entries, [a], { now })).toEqual(["soon"]);
  });

  it("gives a hint to the oldest entry, then to the smallest id; a loser by age alone does not block others", () => {
    const entries = [
      entry({ id: "c", selectors: [a], hint: "db", createdAt: 1 }),
      entry({ id: "b", selectors: [a], hint: "db", createdAt: 1 }),
      entry({ id: "a", selectors: [a], hint: "db", createdAt: 2 }),
      entry({ id: "d", selectors: [a], hint: "db", createdAt: 0, expiresAt: 5 }),
      entry({ id: "e", selectors: [a], hint: "" }),
      entry({ id: "f", selectors: [a], hint: "" }),
    ];
    expect(ids(entries, [a], { now })).toEqual(["b", "e", "f"]);
  });
});
