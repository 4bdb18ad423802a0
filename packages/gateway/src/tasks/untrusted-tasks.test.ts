// SPDX-License-Identifier: Apache-2.0
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTaskId } from "@mayfly/tasks";
import { afterEach, beforeEach, expect, it } from "vitest";
import { UntrustedTasks } from "./untrusted-tasks.ts";

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "mayfly-untrusted-"));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

const idOf = (first: number) => createTaskId(Buffer.alloc(10, first));
const at = (iso: string) => new UntrustedTasks(directory, { now: () => new Date(iso), monotonicMs: () => 0 });

it("a tree that is marked stays so over a restart, and until no task of it can be left", () => {
  const before = at("2026-11-25T12:00:00Z");
  before.mark(idOf(1));
  before.mark(idOf(1));
  expect([before.has(idOf(1)), before.has(idOf(2))]).toEqual([true, false]);
  expect(at("2026-11-25T12:30:00Z").has(idOf(1))).toBe(true);
  expect(at("2027-11-25T12:00:00Z").has(idOf(1))).toBe(false);
});

it("a line that a crash cut off is passed over, and the next one is whole", () => {
  at("2026-11-25T12:00:00Z").mark(idOf(1));
  appendFileSync(join(directory, "untrusted-tasks"), idOf(2).slice(0, 9));
  const after = at("2026-11-25T12:01:00Z");
  after.mark(idOf(3));
  expect([after.has(idOf(1)), after.has(idOf(2)), after.has(idOf(3))]).toEqual([true, false, true]);
  expect(readFileSync(join(directory, "untrusted-tasks"), "utf8").split("\n")).toHaveLength(3);
});
