// SPDX-License-Identifier: Apache-2.0
import { expectCode } from "@mayfly/testkit";
import { describe, expect, it } from "vitest";
import type { TaskStanding } from "../ports/task-feed.ts";
import { snapshotParts } from "./snapshot-parts.ts";

const named = (...ids: string[]): TaskStanding[] => ids.map((id) => ({ id }) as TaskStanding);
const order = (snapshot: boolean, more: boolean): { readonly snapshot: boolean; readonly more: boolean } => ({
  snapshot,
  more,
});
const idsOf = (whole: readonly TaskStanding[] | undefined): string[] | undefined => whole?.map(({ id }) => id);

describe("the parts of a snapshot", () => {
  it("count together, with the last one", () => {
    const parts = snapshotParts();
    expect(parts.take(order(true, true), named("a", "b"))).toBeUndefined();
    expect(parts.take(order(true, true), [])).toBeUndefined();
    const whole = parts.take(order(true, false), named("c"));
    expect(idsOf(whole)).toEqual(["a", "b", "c"]);
    expect(idsOf(parts.take(order(true, false), named("d")))).toEqual(["d"]);
  });

  it("are an empty whole when none names a task", () => {
    const parts = snapshotParts();
    expect(parts.take(order(true, true), [])).toBeUndefined();
    expect(parts.take(order(true, false), [])).toEqual([]);
  });

  it("let nothing come between them", async () => {
    for (const first of [true, false]) {
      const parts = snapshotParts();
      if (first) parts.take(order(true, true), []);
      await expectCode(() => parts.take(order(false, !first), named("b")), "FEED_MALFORMED");
    }
  });

  it("leave an order that is whole as it is", () => {
    const change = named("a");
    expect(snapshotParts().take(order(false, false), change)).toBe(change);
  });
});
