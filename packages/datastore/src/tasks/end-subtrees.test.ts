// SPDX-License-Identifier: Apache-2.0
import { createTaskId, type Grant, type Task } from "@mayfly/tasks";
import { expect, it } from "vitest";
import { endSubtrees } from "./end-subtrees.ts";

const now = new Date("2026-03-01T12:00:00Z");
const id = (n: number): Task["id"] => createTaskId(new Uint8Array(10).fill(n));

function task(n: number, parent?: number): Task {
  return {
    id: id(n),
    ...(parent !== undefined && { parentId: id(parent) }),
    rootId: id(1),
    depth: 0,
    agent: "bot",
    owner: "dana",
    requestedBy: "dana",
    tier: "T2",
    scope: { tools: [] },
    state: "active",
    holds: [],
    createdAt: now,
    notAfter: now,
    revision: n,
  };
}

function grant(n: number): Grant {
  const { id: taskId } = task(n);
  const fixed = { kind: "lease", guard: "g", ref: "r", renewable: true, state: "live", revision: 1 } as const;
  return { ...fixed, id: `g-${n}`, taskId, notAfter: now };
}

// 1 → 2 → 4, 1 → 3; 5 stands alone.
const before = {
  tasks: [task(1), task(2, 1), task(3, 1), task(4, 2), task(5)],
  grants: [1, 2, 3, 4, 5].map(grant),
  approvals: [],
};

it.each([
  ["its parent first", [1, 2, 5], { 1: "completed", 2: "cancelled", 3: "cancelled", 4: "cancelled", 5: "completed" }],
  ["its parent last", [2, 1, 2], { 2: "completed", 4: "cancelled", 1: "completed", 3: "cancelled" }],
  ["what is not there beside it", [9, 3], { 3: "completed" }],
])("ends each task and each grant once, with %s", (_what, ids, reasons) => {
  const { tasks, grants } = endSubtrees(ids.map(id), before, { event: "end", reason: "completed", at: now });
  const ended = tasks.map((each) => [each.revision, each.reason]);
  expect(Object.fromEntries(ended)).toEqual(reasons);
  expect(ended).toHaveLength(Object.keys(reasons).length);
  expect(grants.map((each) => `${each.id} ${each.state}`).toSorted()).toEqual(
    Object.keys(reasons).map((n) => `g-${n} ending`),
  );
});
