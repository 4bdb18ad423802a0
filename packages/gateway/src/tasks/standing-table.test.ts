// SPDX-License-Identifier: Apache-2.0
import { createTaskId, type TaskId, type Tier } from "@mayfly/tasks";
import { beforeEach, describe, expect, it } from "vitest";
import type { TaskStanding } from "../ports/task-feed.ts";
import { StandingTable } from "./standing-table.ts";

const start = Date.parse("2026-11-25T00:00:00Z");
let [monotonic, wall] = [1000, start];
const clock = { now: () => new Date(wall), monotonicMs: () => monotonic };
const idOf = (n: number): TaskId => createTaskId(Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 0, 0, n]));
const hear = (table: StandingTable): void => table.heartbeat.heard({ monotonicMs: monotonic, unixMs: wall });

function standing(n: number, over: Partial<TaskStanding> = {}): TaskStanding {
  return {
    id: idOf(n),
    agent: "support",
    owner: "olivia",
    spiffeId: `spiffe://example.org/agent/support/task/${idOf(n)}`,
    state: "active",
    tier: "T2",
    notAfter: new Date(start + 600_000),
    revision: 5n,
    scope: { tools: [] },
    depth: 0,
    ...over,
  };
}

let table: StandingTable;
beforeEach(() => {
  [monotonic, wall] = [1000, start];
  table = new StandingTable(clock);
});

describe("the table of standings", () => {
  it("refuses everything before the server was heard", () => {
    table.apply({ tasks: [standing(1)], isSnapshot: true });
    expect(table.judge(idOf(1))).toBe("GUARD_FENCED");
    hear(table);
    expect(table.judge(idOf(1))).toMatchObject({ ancestors: [] });
  });

  it.each<[Tier, number]>([
    ["T0", 30_000],
    ["T1", 10_000],
    ["T2", 3000],
    ["T3", 3000],
  ])("fences %s after %d ms of silence, by whichever clock saw more", (tier, fenceMs) => {
    table.apply({ tasks: [standing(1, { tier })], isSnapshot: true });
    hear(table);
    monotonic += fenceMs - 1;
    expect(table.judge(idOf(1))).toBeTypeOf("object");
    monotonic += 1;
    expect(table.judge(idOf(1))).toBe("GUARD_FENCED");
    expect(table.lapsed().map(({ id }) => id)).toEqual([idOf(1)]);
    hear(table);
    wall += fenceMs;
    expect(table.judge(idOf(1))).toBe("GUARD_FENCED");
  });

  it("takes no old sign of life for a new one", () => {
    table.apply({ tasks: [standing(1)], isSnapshot: true });
    hear(table);
    const old = { monotonicMs: monotonic, unixMs: wall };
    monotonic += 2000;
    hear(table);
    table.heartbeat.heard(old);
    expect(table.heartbeat.silentMs()).toBe(0);
    monotonic += 3000;
    table.heartbeat.heard(old);
    expect(table.judge(idOf(1))).toBe("GUARD_FENCED");
  });

  it("tells what stopped: tasks that are no longer active, and those that a snapshot does not name", () => {
    table.apply({ tasks: [standing(1), standing(2), standing(3)], isSnapshot: true });
    const stopped = table.apply({
      tasks: [standing(2, { state: "suspended", revision: 6n }), standing(3)],
      isSnapshot: true,
    });
    expect(stopped.map(({ id, state }) => [id, state])).toEqual([
      [idOf(1), "ended"],
      [idOf(2), "suspended"],
    ]);
    hear(table);
    expect(table.judge(idOf(1))).toBe("TASK_NOT_ACTIVE");
    expect(table.judge(idOf(2))).toBe("TASK_NOT_ACTIVE");
    expect(table.judge(idOf(9))).toBe("TASK_UNKNOWN");
  });

  it("does not bring back what ended", () => {
    table.apply({ tasks: [standing(1, { state: "ended", revision: 6n })], isSnapshot: false });
    table.apply({ tasks: [standing(1)], isSnapshot: false });
    hear(table);
    expect(table.judge(idOf(1))).toBe("TASK_NOT_ACTIVE");
  });

  it("asks for all ancestors, and for an end of them", () => {
    hear(table);
    table.apply({
      tasks: [standing(1), standing(2, { parentId: idOf(1) }), standing(3, { parentId: idOf(2) })],
      isSnapshot: true,
    });
    expect(table.judge(idOf(3))).toMatchObject({ ancestors: [idOf(2), idOf(1)] });
    table.apply({ tasks: [standing(1, { notAfter: new Date(start) })], isSnapshot: false });
    expect(table.judge(idOf(3))).toBe("TASK_NOT_ACTIVE");
    table.apply({ tasks: [standing(1, { parentId: idOf(3) })], isSnapshot: false });
    expect(table.judge(idOf(3))).toBe("TASK_UNKNOWN");
  });
});
