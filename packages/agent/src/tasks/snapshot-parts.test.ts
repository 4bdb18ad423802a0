// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { snapshotParts } from "./snapshot-parts.ts";
import type { TaskStanding } from "./task-standing.ts";

function standing(letter: string): TaskStanding {
  return { id: `t-${letter.repeat(16)}`, state: "active", tier: "T2", notAfter: new Date(0), revision: 1n };
}
const [a, b] = [standing("a"), standing("b")];
const [part, last, change] = [
  { snapshot: true, more: true },
  { snapshot: true, more: false },
  { snapshot: false, more: false },
];

describe("a snapshot in parts", () => {
  it("is whole with the part that no other follows, and begins anew after it", () => {
    const parts = snapshotParts();
    expect(parts.take(part, [a])).toBeUndefined();
    expect(parts.take(part, [])).toBeUndefined();
    expect(parts.take(last, [b])).toEqual([a, b]);
    expect(parts.take(last, [b])).toEqual([b]);
    expect(parts.take(change, [a])).toEqual([a]);
  });

  it("is no snapshot when something else comes between its parts, when it has no end, or when its parts are of none", () => {
    const refusal = expect.objectContaining({ code: "BAD_ANSWER" }) as unknown;
    const begun = snapshotParts();
    begun.take(part, [a]);
    expect(() => begun.take(change, [])).toThrow(refusal);
    expect(() => snapshotParts().take({ snapshot: false, more: true }, [a])).toThrow(refusal);
    const endless = snapshotParts();
    const many = Array.from({ length: 1_000_000 }, () => a);
    expect(endless.take(part, many)).toBeUndefined();
    expect(() => endless.take(part, [b])).toThrow(refusal);
  });
});
