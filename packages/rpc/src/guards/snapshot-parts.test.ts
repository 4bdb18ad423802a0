// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { SnapshotParts } from "./snapshot-parts.ts";

const order = (kind: "part" | "last" | "change"): { readonly snapshot: boolean; readonly more: boolean } => ({
  snapshot: kind !== "change",
  more: kind === "part",
});
const openParts = (): SnapshotParts<string> => new SnapshotParts((problem) => new Error(`the server ${problem}`));

describe("the parts of a snapshot", () => {
  it("count together, with the last one", () => {
    const parts = openParts();
    expect(parts.take(order("part"), ["a", "b"])).toBeUndefined();
    expect(parts.take(order("part"), [])).toBeUndefined();
    expect(parts.take(order("last"), ["c"])).toEqual(["a", "b", "c"]);
    expect(parts.take(order("last"), ["d"])).toEqual(["d"]);
  });

  it("let nothing come between them", () => {
    const parts = openParts();
    parts.take(order("part"), []);
    expect(() => parts.take(order("change"), ["a"])).toThrow("does not finish");
    expect(() => openParts().take({ snapshot: false, more: true }, [])).toThrow("does not finish");
  });

  it("leave an order that is whole as it is", () => {
    const change = ["a"];
    expect(openParts().take(order("change"), change)).toBe(change);
  });
});
