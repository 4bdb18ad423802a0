// SPDX-License-Identifier: Apache-2.0
import type { LogRecord } from "@mayfly/journal";
import { describe, expect, it } from "vitest";
import { frameworks } from "./frameworks.ts";
import { signals } from "./signal.ts";
import { Tally } from "./tally.ts";

function record(fields: Partial<LogRecord> & Pick<LogRecord, "kind" | "phase">): LogRecord {
  return { v: 1, id: "r-1", at: "2026-11-25T10:00:00.000Z", actor: "local", body: {}, ...fields };
}

function tallyOf(...records: readonly LogRecord[]): Tally {
  const tally = new Tally();
  for (const [index, each] of records.entries()) tally.add(index, each);
  return tally;
}

describe("what records show", () => {
  it("an act counts once: by its intent", () => {
    const start = record({ kind: "task", phase: "intent", body: { act: "start", parent: "" } });
    const done = record({ kind: "task", phase: "outcome", body: { result: "done" } });
    const tally = tallyOf(start, done);
    expect(tally.shown("tasks")).toEqual({ count: 1, lastAt: start.at, lastIndex: 0 });
    expect(tally.shown("children").count).toBe(0);
    expect(tally.shown("records").count).toBe(2);
  });

  it("what was refused after its intent does not count", () => {
    const start = record({ kind: "task", phase: "intent", body: { act: "start", parent: "t-1" } });
    const refused = record({ kind: "task", phase: "outcome", body: { result: "refused" } });
    expect(tallyOf(start, refused).shown("tasks").count).toBe(0);
    expect(tallyOf(start, refused).shown("children").count).toBe(0);
  });

  it("a call that failed was let through; one that the budget stopped was not", () => {
    const call = record({ kind: "call", phase: "intent", decision: "allow", tool: "orders/x" });
    const outcome = (result: string): LogRecord => record({ kind: "call", phase: "outcome", body: { result } });
    expect(tallyOf(call, outcome("failed")).shown("calls").count).toBe(1);
    expect(tallyOf(call, outcome("refused")).shown("calls").count).toBe(0);
  });

  it("a lease that was refused is none", () => {
    const denied = record({ kind: "lease", phase: "event", decision: "deny", body: { act: "begin" } });
    expect(tallyOf(denied).shown("leases").count).toBe(0);
  });
});

describe.each(Object.entries(frameworks))("%s", (_name, { controls }) => {
  it("has each row once, and shows something for each row that it claims, and nothing for one that it does not", () => {
    expect(new Set(controls.map(({ id }) => id)).size).toBe(controls.length);
    for (const { id, coverage, how, shownBy } of controls) {
      expect(how, id).toMatch(/^[A-Z].*\.$/);
      expect(shownBy.length > 0, id).toBe(coverage !== "none");
      for (const name of shownBy) expect(signals[name].says, id).not.toBe("");
    }
  });
});
