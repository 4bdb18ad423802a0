// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { Silence } from "./silence.ts";
import { StandingTable } from "./standing-table.ts";
import { readStanding, type TaskStanding } from "./task-standing.ts";

const at = new Date("2027-01-01T00:00:00Z");

function world(): { clocks: { monotonic: number; wall: number }; silence: Silence; table: StandingTable } {
  const clocks = { monotonic: 1000, wall: 50_000 };
  const silence = new Silence(() => ({ ...clocks }));
  return { clocks, silence, table: new StandingTable(silence) };
}

function standing(fields: Partial<TaskStanding> = {}): TaskStanding {
  return {
    id: "t-aaaaaaaaaaaaaaaa",
    state: "active",
    tier: "T2",
    notAfter: new Date(at.getTime() + 60_000),
    revision: 1n,
    ...fields,
  };
}

describe("what an agent knows of tasks", () => {
  const { id } = standing();

  it.each([
    ["T0", 30_000],
    ["T1", 10_000],
    ["T2", 3000],
    ["T3", 3000],
  ] as const)("a task of tier %s counts for %d ms after the question that was answered", (tier, fenceMs) => {
    for (const clock of ["monotonic", "wall"] as const) {
      const { clocks, silence, table } = world();
      table.apply([standing({ tier })], true);
      expect(table.judge(id, at)).toBe("fenced");
      silence.end(silence.now());
      clocks[clock] += fenceMs;
      expect(table.judge(id, at)).toBe("active");
      clocks[clock] += 1;
      expect(table.judge(id, at)).toBe("fenced");
    }
  });

  it("an answer to an old question is no news: a guard that was stopped stays fenced", () => {
    const { clocks, silence, table } = world();
    table.apply([standing()], true);
    const asked = silence.now();
    clocks.monotonic += 3600_000;
    silence.end(asked);
    expect(table.judge(id, at)).toBe("fenced");
    silence.end(silence.now());
    silence.end(asked);
    expect(table.judge(id, at)).toBe("active");
  });

  it("a clock that was set back does not lengthen anything", () => {
    const { clocks, silence, table } = world();
    table.apply([standing()], true);
    silence.end(silence.now());
    clocks.wall -= 3600_000;
    clocks.monotonic += 3001;
    expect(table.judge(id, at)).toBe("fenced");
  });

  it("each state has its verdict, and the deadline beats them", () => {
    const { silence, table } = world();
    silence.end(silence.now());
    expect(table.judge(id, at)).toBe("unknown");
    const verdicts = { proposed: "held", active: "active", suspended: "held", ending: "over" } as const;
    let revision = 0n;
    for (const [state, verdict] of Object.entries(verdicts)) {
      table.apply([standing({ state: state as keyof typeof verdicts, revision: (revision += 1n) })], false);
      expect(table.judge(id, at)).toBe(verdict);
    }
    table.apply([standing({ revision: 9n })], false);
    expect(table.judge(id, standing().notAfter)).toBe("over");
    expect(table.apply([standing({ state: "ended", revision: 10n })], false)).toHaveLength(1);
    expect(table.judge(id, at)).toBe("unknown");
  });

  it("what can't be read counts as what allows least", () => {
    const message = {
      task_id: id,
      parent_id: "",
      agent: "a",
      owner: "o",
      spiffe_id: "",
      state: "active",
      tier: "T1",
      not_after_ms: "1",
      revision: "1",
      scope_json: "",
      depth: 0,
    };
    expect(readStanding(message)).toMatchObject({ state: "active", tier: "T1", notAfter: new Date(1) });
    expect(readStanding({ ...message, task_id: "t-A" })).toBeUndefined();
    expect(readStanding({ ...message, state: "alive" })?.state).toBe("suspended");
    expect(readStanding({ ...message, tier: "T4" })?.tier).toBe("T3");
    expect(readStanding({ ...message, not_after_ms: "9".repeat(30) })?.notAfter).toEqual(new Date(0));
  });
});
