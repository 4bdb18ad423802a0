// SPDX-License-Identifier: Apache-2.0
// The linter reads tests without the library that has AsyncDisposable.
/// <reference lib="esnext.disposable" />
import { createLogger } from "@mayfly/telemetry";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Outcomes } from "./outcomes.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const done = { outcome: "done", detail: "", durationMs: 1 } as const;

it("what the ledger did not take is told as soon as it takes anything, without waiting for its turn", async () => {
  const told: string[] = [];
  let isAway = true;
  const finish = (id: string): Promise<void> => {
    if (isAway) return Promise.reject(new Error("the server is away"));
    told.push(id);
    return Promise.resolve();
  };
  await using outcomes = new Outcomes({ finish }, createLogger({ level: "error", format: "json" }));
  for (const id of ["c-1", "c-2"]) outcomes.tell(id, done);
  // Past the short pauses: the next try is two seconds away.
  await vi.advanceTimersByTimeAsync(1_500);
  expect(told).toEqual([]);
  isAway = false;
  outcomes.tell("c-3", done);
  await vi.advanceTimersByTimeAsync(0);
  expect(told).toEqual(["c-3", "c-1", "c-2"]);
});

it("one that is refused for itself is not tried again with every other", async () => {
  const told: string[] = [];
  let isKnown = false;
  const finish = (id: string): Promise<void> => {
    told.push(id);
    return id === "c-1" && !isKnown ? Promise.reject(new Error("no such call")) : Promise.resolve();
  };
  await using outcomes = new Outcomes({ finish }, createLogger({ level: "error", format: "json" }));
  outcomes.tell("c-1", done);
  await vi.advanceTimersByTimeAsync(1_500);
  const before = told.length;
  for (const id of ["c-2", "c-3", "c-4"]) {
    outcomes.tell(id, done);
    await vi.advanceTimersByTimeAsync(0);
  }
  expect(told.slice(before)).toEqual(["c-2", "c-1", "c-3", "c-4"]);
  isKnown = true;
  await vi.advanceTimersByTimeAsync(2_000);
});

it("what nobody takes is tried again by itself", async () => {
  const told: string[] = [];
  const finish = (id: string): Promise<void> => {
    told.push(id);
    return told.length < 3 ? Promise.reject(new Error("the server is away")) : Promise.resolve();
  };
  await using outcomes = new Outcomes({ finish }, createLogger({ level: "error", format: "json" }));
  outcomes.tell("c-1", done);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(told).toEqual(["c-1", "c-1", "c-1"]);
});
