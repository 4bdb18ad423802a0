// SPDX-License-Identifier: Apache-2.0
import { expectCode } from "@mayfly/testkit";
import { describe, expect, it } from "vitest";
import type { StandingOrder, TaskStanding } from "../ports/task-feed.ts";
import { SnapshotParts } from "./snapshot-parts.ts";

const order = (isSnapshot: boolean, ...ids: string[]): StandingOrder => ({
  isSnapshot,
  tasks: ids.map((id) => ({ id }) as TaskStanding),
});
const idsOf = (whole: StandingOrder | undefined): string[] | undefined => whole?.tasks.map(({ id }) => id);

describe("the parts of a snapshot", () => {
  it("count together, with the last one", () => {
    const parts = new SnapshotParts();
    expect(parts.take(order(true, "a", "b"), true)).toBeUndefined();
    expect(parts.take(order(true), true)).toBeUndefined();
    const whole = parts.take(order(true, "c"), false);
    expect(whole?.isSnapshot).toBe(true);
    expect(idsOf(whole)).toEqual(["a", "b", "c"]);
    expect(idsOf(parts.take(order(true, "d"), false))).toEqual(["d"]);
  });

  it("are an empty whole when none names a task", () => {
    const parts = new SnapshotParts();
    expect(parts.take(order(true), true)).toBeUndefined();
    expect(parts.take(order(true), false)).toEqual({ isSnapshot: true, tasks: [] });
  });

  it("let nothing come between them", async () => {
    for (const first of [true, false]) {
      const parts = new SnapshotParts();
      if (first) parts.take(order(true), true);
      await expectCode(() => parts.take(order(false, "b"), !first), "FEED_MALFORMED");
    }
  });

  it("leave an order that is whole as it is", () => {
    const change = order(false, "a");
    expect(new SnapshotParts().take(change, false)).toBe(change);
  });
});
