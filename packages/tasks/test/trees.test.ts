// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { expect, it } from "vitest";
import {
  changeAgentTasks,
  changeSubtree,
  type SubtreeEvent,
  type Grant,
  isNarrower,
  isQuiet,
  isTierAtMost,
  judgeCall,
  judgeTaskCall,
  nextGrant,
  nextTask,
  type Task,
  tiers,
} from "../src/index.ts";
import { call } from "./random-scopes.ts";
import { approval, later, now, task } from "./samples.ts";
import { allowed, attempts, below, event, grow } from "./trees.ts";

it("whoever delegates: a child has no more than its parent in scope, time, tier, depth and number", () => {
  let children = 0;
  let refusals = 0;
  fc.assert(
    fc.property(attempts, fc.array(call, { minLength: 6, maxLength: 6 }), (tries, calls) => {
      const tasks = grow(tries);
      refusals += tries.tries.length + 1 - tasks.length;
      for (const child of tasks) {
        const parent = tasks.find(({ id }) => id === child.parentId);
        if (parent === undefined) continue;
        children++;
        expect(isNarrower(child.scope, parent.scope)).toEqual({ narrower: true });
        expect(child.notAfter <= parent.notAfter && child.notAfter > now).toBe(true);
        expect(isTierAtMost(child.tier, tiers[parent.tier].childTier)).toBe(true);
        expect(child).toMatchObject({ depth: parent.depth + 1, rootId: parent.rootId, owner: parent.owner });
        expect(child.depth).toBeLessThanOrEqual(tiers[parent.tier].maxDepth);
        expect(tasks.filter((each) => each.parentId === parent.id).length).toBeLessThanOrEqual(
          tiers[parent.tier].maxChildren,
        );
        for (const each of calls) {
          if (judgeCall(child.scope, each).inScope) expect(judgeCall(parent.scope, each).inScope).toBe(true);
          const [less, more] = [judgeTaskCall(child, each).decision, judgeTaskCall(parent, each).decision];
          if (less === "allowed") expect(more).toBe("allowed");
          if (less === "approval-needed") expect(more).not.toBe("refused");
        }
      }
    }),
    { numRuns: 1500 },
  );
  expect(children).toBeGreaterThan(300);
  expect(refusals).toBeGreaterThan(300);
});

it("whatever happens in a tree: no task is more alive than what is above it, and an end leaves nothing alive", () => {
  const act = fc.record({
    at: fc.nat(12),
    kind: fc.constantFrom("suspend", "resume", "end", "agent-suspend", "agent-resume"),
  });
  let living = 0;
  fc.assert(
    fc.property(attempts, fc.array(act, { maxLength: 10 }), (tries, acts) => {
      let tasks = grow(tries);
      for (const { at, kind } of acts) {
        const top = tasks[at % tasks.length];
        if (top === undefined) return;
        allowed(() => {
          const changed = kind.startsWith("agent")
            ? changeAgentTasks(top.agent, holdings(ofAgent(tasks, top.agent)), eventOf(kind))
            : changeSubtree(top, holdings(below(tasks, top)), eventOf(kind));
          tasks = tasks.map((each) => changed.tasks.find(({ id }) => id === each.id) ?? each);
          if (kind === "end") expect(below(tasks, top).every(({ state }) => state === "ending")).toBe(true);
        });
        for (const each of tasks) assertNotMoreAlive(each, tasks);
      }
      living += tasks.filter(({ state }) => state === "active").length;
    }),
    { numRuns: 1500 },
  );
  expect(living).toBeGreaterThan(300);
});

const holdings = (tasks: readonly Task[]) => ({ tasks, grants: [], approvals: [] });

function ofAgent(tasks: readonly Task[], agent: string): readonly Task[] {
  const tops = tasks.filter((each) => each.agent === agent);
  return [...new Set(tops.flatMap((top) => below(tasks, top)))];
}

function eventOf(kind: string): SubtreeEvent {
  if (kind.endsWith("suspend")) return { event: "suspend" };
  if (kind.endsWith("resume")) return { event: "resume", at: now };
  return { event: "end", reason: "revoked", at: now };
}

function assertNotMoreAlive(each: Task, tasks: readonly Task[]): void {
  const parent = tasks.find(({ id }) => id === each.parentId);
  expect(each.holds.length > 0).toBe(each.state === "suspended");
  if (parent === undefined) return;
  if (parent.state === "suspended") expect(each.state).not.toBe("active");
  if (parent.state === "ending") expect(each.state).toBe("ending");
}

it("holds lifted in any order come to the same, and only the last sets a task free", () => {
  const holds = ["agent:a", "agent:b", "t-aaaaaaaaaaaaaaaa"];
  fc.assert(
    fc.property(fc.shuffledSubarray(holds, { minLength: 1 }), fc.infiniteStream(fc.nat()), (order, stream) => {
      let each = order.reduce((current, hold) => nextTask(current, { event: "suspend", hold }), task());
      const lifted = [...order].sort(() => (Number(stream.next().value) % 2) - 0.5);
      for (const hold of lifted) {
        expect(each.state).toBe("suspended");
        each = nextTask(each, { event: "resume", hold, at: now });
      }
      expect(each).toMatchObject({ state: "active", holds: [] });
    }),
  );
});

it("a task that is over never comes back, whatever happens", () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 12 }), (events) => {
      let each = task({ state: "proposed" });
      const order = ["proposed", "active", "suspended", "ending", "ended"];
      for (const happened of events) {
        const before = each.state;
        allowed(() => {
          each = nextTask(each, happened);
        });
        if (before === "ending" || before === "ended") {
          expect(order.indexOf(each.state)).toBeGreaterThanOrEqual(order.indexOf(before));
        }
        expect(each.reason !== undefined).toBe(each.state === "ending" || each.state === "ended");
      }
    }),
  );
});

const grantOf = (taskId: Task["id"]): fc.Arbitrary<Grant> =>
  fc.record({
    id: fc.uuid(),
    taskId: fc.constant(taskId),
    kind: fc.constantFrom("entry", "lease", "connection"),
    guard: fc.constant("spiffe://example.org/gateway"),
    ref: fc.constant("x"),
    notAfter: fc.integer({ min: 0, max: 20 }).map(later),
    renewable: fc.boolean(),
    state: fc.constantFrom("live", "ending"),
    revision: fc.constant(1),
  });

it("quiet is monotone: with time, with more evidence, with fewer grants; and nobody is quiet with an open grant", () => {
  const world = task({ state: "ending", reason: "revoked" });
  const evidence = { by: "spiffe://example.org/broker", at: now, method: "login-refused", detail: {} };
  let quiet = 0;
  fc.assert(
    fc.property(
      fc.array(grantOf(world.id), { maxLength: 4 }),
      fc.array(fc.nat(4), { maxLength: 4 }),
      fc.nat(25),
      fc.nat(25),
      (grants, proven, a, b) => {
        const [sooner, late] = [later(Math.min(a, b)), later(Math.max(a, b))];
        const some = grants.map((each, n) =>
          proven.includes(n) ? nextGrant(each, { event: "prove", evidence }) : each,
        );
        const all = grants.map((each) => nextGrant(each, { event: "prove", evidence }));
        const before = isQuiet([world], some, sooner);
        expect(before.quiet).toBe(before.open.length === 0);
        if (before.quiet) {
          quiet++;
          expect(isQuiet([world], some, late).quiet).toBe(true);
        }
        if (isQuiet([world], grants, sooner).quiet) expect(before.quiet).toBe(true);
        expect(isQuiet([world], all, sooner)).toEqual({ quiet: true, open: [] });
        for (const each of before.open) {
          expect(each.state !== "gone" && (each.renewable || each.notAfter > sooner)).toBe(true);
        }
        for (const state of ["proposed", "active", "suspended"] as const) {
          expect(isQuiet([world, task({ state })], all, late).quiet).toBe(false);
        }
      },
    ),
  );
  expect(quiet).toBeGreaterThan(10);
});

it("an end takes all that a subtree holds, a suspension all but entries, a resumption nothing; approvals are void", () => {
  const top = task();
  const other = task();
  const grants = (["entry", "lease", "connection"] as const).flatMap((kind) =>
    [top, other].map(
      ({ id }): Grant => ({
        id: `${kind} ${id}`,
        taskId: id,
        kind,
        guard: "g",
        ref: "r",
        notAfter: later(9),
        renewable: true,
        state: "live",
        revision: 1,
      }),
    ),
  );
  const approvals = [approval(top), approval(other), { ...approval(top), state: "consumed" } as const];
  const change = (event: SubtreeEvent, at = top) => changeSubtree(at, { tasks: [at], grants, approvals }, event);
  const ended = change({ event: "end", reason: "cancelled", at: now });
  expect(ended.grants.map(({ kind, state, taskId }) => `${kind} ${state} ${String(taskId === top.id)}`)).toEqual([
    "entry ending true",
    "lease ending true",
    "connection ending true",
  ]);
  expect(ended.approvals.map(({ request, state }) => [request.id, state])).toEqual([
    [approvals[0]?.request.id, "void"],
  ]);
  const suspended = change({ event: "suspend" });
  expect(suspended.grants.map(({ kind }) => kind)).toEqual(["lease", "connection"]);
  expect(suspended.approvals).toHaveLength(1);
  const held = task({ ...top, state: "suspended", holds: [top.id] });
  expect(change({ event: "resume", at: now }, held)).toMatchObject({
    tasks: [{ state: "active" }],
    grants: [],
    approvals: [],
  });
  const [over] = ended.tasks;
  expect(change({ event: "end", reason: "revoked", at: now }, over)).toMatchObject({ tasks: [], approvals: [] });
});
