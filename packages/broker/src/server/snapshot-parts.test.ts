// SPDX-License-Identifier: Apache-2.0
import type { GuardOrder, TaskStanding } from "@mayfly/rpc";
import { describe, expect, it } from "vitest";
import { SnapshotParts } from "./snapshot-parts.ts";

function order(kind: "part" | "last" | "change", revision: string, ...ids: string[]): GuardOrder {
  const tasks = ids.map((id) => ({ task_id: id }) as TaskStanding);
  return { revision, beat: false, tasks, snapshot: kind !== "change", answered: "0", more: kind === "part" };
}
const idsOf = (whole: GuardOrder | undefined): string[] | undefined => whole?.tasks.map(({ task_id: id }) => id);

describe("the parts of a snapshot", () => {
  it("count together, with the last one and its revision", () => {
    const parts = new SnapshotParts();
    expect(parts.take(order("part", "1", "a", "b"))).toBeUndefined();
    expect(parts.take(order("part", "1"))).toBeUndefined();
    const whole = parts.take(order("last", "7", "c"));
    expect(idsOf(whole)).toEqual(["a", "b", "c"]);
    expect(whole).toMatchObject({ snapshot: true, more: false, revision: "7" });
    expect(idsOf(parts.take(order("last", "8", "d")))).toEqual(["d"]);
  });

  it("let nothing come between them", () => {
    const parts = new SnapshotParts();
    parts.take(order("part", "1"));
    expect(() => parts.take(order("change", "2", "a"))).toThrow("does not finish");
    expect(() => new SnapshotParts().take({ ...order("change", "2"), more: true })).toThrow("does not finish");
  });

  it("leave an order that is whole as it is", () => {
    const change = order("change", "3", "a");
    expect(new SnapshotParts().take(change)).toBe(change);
  });
});
