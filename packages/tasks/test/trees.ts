// SPDX-License-Identifier: Apache-2.0
import {
  type AgentProfile,
  delegate,
  type Scope,
  startTask,
  type Task,
  type TaskEvent,
  TaskError,
  type Tier,
} from "../src/index.ts";
import * as fc from "fast-check";
import { narrowed, scope } from "./random-scopes.ts";
import { later, newId, now, profile } from "./samples.ts";

/** One attempt to delegate: by the task at `parent` (modulo those that are there), with more or less than it has. */
export interface Attempt {
  readonly parent: number;
  readonly scope: Scope | "all";
  readonly tier: Tier;
  readonly seconds: number;
}

const tier = fc.constantFrom<Tier>("T0", "T1", "T2", "T3");

export const attempts: fc.Arbitrary<{ readonly root: Scope; readonly tier: Tier; readonly tries: readonly Attempt[] }> =
  scope.chain((root) =>
    fc.record({
      root: fc.constant(root),
      tier,
      tries: fc.array(
        fc.record({
          parent: fc.nat(12),
          scope: fc.oneof(narrowed(root), scope, fc.constant("all" as const)),
          tier,
          seconds: fc.integer({ min: -1, max: 700 }),
        }),
        { maxLength: 14 },
      ),
    }),
  );

function profileOf(tier: Tier, ceiling: Scope): AgentProfile {
  return { ...profile(), name: `bot-${tier.toLowerCase()}`, tier, ceiling };
}

/** The tree that comes of attempts: a root and those children that were allowed. None when the tier refuses the root. */
export function grow({ root, tier, tries }: { root: Scope; tier: Tier; tries: readonly Attempt[] }): readonly Task[] {
  const tasks: Task[] = [];
  allowed(() => {
    const request = { id: newId(), scope: root, notAfter: later(600), requestedBy: "dana", owner: "dana" };
    tasks.push(startTask(profileOf(tier, root), request, now));
  });
  for (const attempt of tries) {
    const parent = tasks[attempt.parent % tasks.length];
    if (parent === undefined) continue;
    allowed(() => {
      const own = attempt.scope === "all" ? parent.scope : attempt.scope;
      const request = { id: newId(), scope: own, notAfter: later(attempt.seconds), requestedBy: parent.id };
      tasks.push(delegate(parent, request, { profile: profileOf(attempt.tier, own), siblings: tasks, now }));
    });
  }
  return tasks;
}

/** Runs it unless it is refused as a task's errors refuse. */
export function allowed(action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof TaskError)) throw error;
  }
}

/** Anything that can happen to a task. */
export const event: fc.Arbitrary<TaskEvent> = fc.oneof(
  fc.constant<TaskEvent>({ event: "activate", at: now }),
  fc.constantFrom("agent:bot", "t-aaaaaaaaaaaaaaaa").map((hold): TaskEvent => ({ event: "suspend", hold })),
  fc.constantFrom("agent:bot", "t-aaaaaaaaaaaaaaaa").map((hold): TaskEvent => ({ event: "resume", hold, at: now })),
  fc
    .constantFrom("completed", "cancelled", "revoked", "failed", "expired")
    .map((reason): TaskEvent => ({ event: "end", reason, at: later(600) })),
  fc.constant<TaskEvent>({ event: "settle" }),
);

/** The task and all of its descendants. */
export function below(tasks: readonly Task[], top: Task): readonly Task[] {
  const ids = new Set<string>([top.id]);
  return tasks.filter(({ id, parentId }) => {
    if (parentId !== undefined && ids.has(parentId)) ids.add(id);
    return ids.has(id);
  });
}
