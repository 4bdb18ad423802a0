// SPDX-License-Identifier: Apache-2.0
import { SpiffeId, TrustDomain } from "@mayfly/spiffe";
import { expectCode } from "@mayfly/testkit";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  agentSpiffeId,
  createTaskId,
  createTaskIdentity,
  delegate,
  type Grant,
  type GrantEvent,
  hasRole,
  isQuiet,
  isTaskId,
  judgeTaskCall,
  type Task,
  type ToolCall,
  isPerson,
  nextGrant,
  nextTask,
  parseOperator,
  parseProfile,
  parseTaskId,
  parseTaskSpiffeId,
  type Role,
  startTask,
  TaskError,
  type TaskEvent,
  type TaskState,
  taskSpiffeId,
  tiers,
} from "../src/index.ts";
import { allowed } from "./trees.ts";
import { later, newId, now, person, profile, task } from "./samples.ts";

describe("a task", () => {
  it("APR-D08 knows these steps and no others", () => {
    const events: readonly TaskEvent[] = [
      { event: "activate", at: now },
      { event: "suspend", hold: "agent:x" },
      { event: "resume", hold: "agent:y", at: now },
      { event: "end", reason: "completed", at: now },
      { event: "settle" },
    ];
    const states: readonly TaskState[] = ["proposed", "active", "suspended", "ending", "ended"];
    const steps = states.flatMap((state) =>
      events.flatMap((event) => {
        const holds = state === "suspended" ? ["agent:y"] : [];
        try {
          return `${state} → ${event.event} → ${nextTask(task({ state, holds }), event).state}`;
        } catch (error) {
          expect(error).toHaveProperty("code", "ILLEGAL_TRANSITION");
          return [];
        }
      }),
    );
    expect(steps).toEqual([
      "proposed → activate → active",
      "proposed → suspend → proposed",
      "proposed → end → ending",
      "active → suspend → suspended",
      "active → end → ending",
      "suspended → suspend → suspended",
      "suspended → resume → active",
      "suspended → end → ending",
      "ending → settle → ended",
    ]);
  });

  it("goes on only before its deadline, and expires only at it", async () => {
    const held = task({ state: "suspended", holds: ["agent:y"], notAfter: later(1) });
    const resume = (at: Date) => nextTask(held, { event: "resume", hold: "agent:y", at });
    expect(resume(later(0.999)).state).toBe("active");
    await expectCode(() => resume(later(1)), "TASK_EXPIRED");
    await expectCode(() => resume(new Date(Number.NaN)), "TASK_EXPIRED");
    await expectCode(() => nextTask(held, { event: "end", reason: "expired", at: later(0.999) }), "ILLEGAL_TRANSITION");
    expect(nextTask(held, { event: "end", reason: "expired", at: later(1) })).toMatchObject({
      state: "ending",
      holds: [],
    });
    const proposed = task({ state: "proposed", notAfter: now });
    await expectCode(() => nextTask(proposed, { event: "activate", at: now }), "TASK_EXPIRED");
  });

  it("that was proposed under a suspended agent starts suspended", () => {
    const held = nextTask(task({ state: "proposed" }), { event: "suspend", hold: "agent:x" });
    expect(nextTask(held, { event: "activate", at: now }).state).toBe("suspended");
  });

  it("has an id of 80 random bits in 16 letters", () => {
    expect(createTaskId(new Uint8Array(10))).toBe("t-aaaaaaaaaaaaaaaa");
    expect(createTaskId(new Uint8Array(10).fill(255))).toBe("t-7777777777777777");
    expect(createTaskId(Buffer.from("00443214c74254b635cf", "hex"))).toBe("t-abcdefghijklmnop");
    expect(() => createTaskId(new Uint8Array(9))).toThrow(RangeError);
    for (const text of [
      "",
      "t-",
      "t-aaaaaaaaaaaaaaa",
      "t-aaaaaaaaaaaaaaaA",
      "t-aaaaaaaaaaaaaaa1",
      "t-aaaaaaaaaaaaaaaa\n",
      "x-aaaaaaaaaaaaaaaa",
    ]) {
      expect(() => parseTaskId(text)).toThrow(TaskError);
    }
    fc.assert(fc.property(fc.uint8Array({ minLength: 10, maxLength: 10 }), (bytes) => isTaskId(createTaskId(bytes))));
  });

  it("has one identity: agent and task in the path, and a selector that no process has by itself", () => {
    const trustDomain = TrustDomain.parse("example.org");
    const own = task({ agent: "ops/ir-bot" });
    const where = { trustDomain, entryId: "e-1", parentId: "spiffe://example.org/spire/agent/a" };
    const identity = createTaskIdentity(own, profile(), where);
    expect(identity).toEqual({
      entryId: "e-1",
      parentId: where.parentId,
      spiffeId: `spiffe://example.org/agent/ops/ir-bot/task/${own.id}`,
      selectors: ["unix:uid:1000", `task:id:${own.id}`],
      x509SvidTtlSeconds: 300,
      notAfter: own.notAfter,
    });
    expect(parseTaskSpiffeId(SpiffeId.parse(identity.spiffeId))).toEqual({ agent: own.agent, taskId: own.id });
    expect(agentSpiffeId(trustDomain, own.agent).toString()).toBe("spiffe://example.org/agent/ops/ir-bot");
    expect(() => taskSpiffeId(trustDomain, "../x", own.id)).toThrow(/segment/);
    for (const path of ["/agent/x", `/agent/task/${own.id}`, `/agents/x/task/${own.id}`, "/agent/x/task/t-1", ""]) {
      expect(parseTaskSpiffeId(SpiffeId.parse(`spiffe://example.org${path}`))).toBeUndefined();
    }
  });
});

describe("a root task", () => {
  const request = { id: newId(), scope: profile().ceiling, notAfter: later(600), requestedBy: "dana", owner: "dana" };
  it("starts active under its profile", () => {
    expect(startTask(profile(), request, now)).toMatchObject({
      state: "active",
      depth: 0,
      rootId: request.id,
      tier: "T2",
    });
  });

  it.each([
    ["of a suspended agent", { state: "suspended" }, {}, "PROFILE_NOT_ACTIVE"],
    ["of a retired agent", { state: "retired" }, {}, "PROFILE_NOT_ACTIVE"],
    ["that outlives its profile", { expiresAt: later(599) }, {}, "PROFILE_EXPIRED"],
    ["that is over at once", {}, { notAfter: now }, "NO_TIME"],
    ["without a deadline", {}, { notAfter: new Date(Number.NaN) }, "NO_TIME"],
    ["longer than its tier allows", {}, { notAfter: later(3601) }, "TOO_LONG"],
    ["with more than the ceiling", { ceiling: { tools: [] } }, {}, "SCOPE_WIDENS"],
    ["that writes at T0", { tier: "T0" }, {}, "EFFECT_REFUSED"],
  ] as const)("%s is refused", async (_, own, asked, code) => {
    await expectCode(() => startTask({ ...profile(), ...own }, { ...request, ...asked }, now), code);
  });
});

describe("a call of a task", () => {
  const call = { server: "orders", tool: "refund", effect: "irreversible", resources: [], at: now } as const;
  const judge = (fields: Partial<Task>, amount: number, more: Partial<ToolCall> = {}) => {
    const { decision, problems } = judgeTaskCall(task(fields), { ...call, arguments: { amount }, ...more });
    return [decision, ...problems.map(({ code }) => code)];
  };

  it("goes by state, scope and tier together", () => {
    expect(judge({}, 40)).toEqual(["allowed"]);
    expect(judge({}, 4000)).toEqual(["approval-needed", "ARGUMENT_OVER_LIMIT"]);
    expect(judge({ tier: "T1" }, 40)).toEqual(["approval-needed"]);
    expect(judge({ tier: "T1" }, 40, { effect: "read" })).toEqual(["allowed"]);
    expect(judge({ tier: "T0" }, 40)).toEqual(["refused", "EFFECT_REFUSED"]);
    expect(judge({ tier: "T0" }, 4000)).toEqual(["refused", "EFFECT_REFUSED", "ARGUMENT_OVER_LIMIT"]);
    expect(judge({}, 40, { tool: "drop" })).toEqual(["refused", "TOOL_NOT_IN_SCOPE"]);
    for (const state of ["proposed", "suspended", "ending", "ended"] as const) {
      expect(judge({ state }, 40)).toEqual(["refused", "TASK_NOT_ACTIVE"]);
    }
    expect(judge({ notAfter: now }, 40)).toEqual(["refused", "TASK_NOT_ACTIVE"]);
  });
});

describe("a delegation", () => {
  const scope = { tools: profile().ceiling.tools.slice(0, 1) };
  const wider = { tools: scope.tools.map((tool) => ({ ...tool, effect: "irreversible" as const })) };
  const scribe = { ...profile(), name: "scribe", tier: "T1" as const };
  const asked = () => ({
    id: newId(),
    scope,
    notAfter: later(300),
    requestedBy: "spiffe://example.org/agent/ir-bot/task/x",
  });
  const facts = (siblings: readonly ReturnType<typeof task>[] = []) => ({ profile: scribe, siblings, now });

  it("gives less, once; a grandchild of T1 is too deep", async () => {
    const root = task();
    const child = delegate(root, asked(), facts());
    expect(child).toMatchObject({
      parentId: root.id,
      rootId: root.id,
      depth: 1,
      tier: "T1",
      agent: "scribe",
      owner: "dana",
    });
    await expectCode(() => delegate(child, asked(), facts()), "TOO_DEEP");
    await expectCode(() => delegate(child, { ...asked(), scope: root.scope }, facts()), "TOO_DEEP");
    await expectCode(() => delegate(root, { ...asked(), scope: wider }, facts()), "SCOPE_WIDENS");
  });

  it.each([
    ["by a suspended parent", { state: "suspended" }, {}, "PARENT_NOT_ACTIVE"],
    ["by one that is past its end", { notAfter: now }, {}, "PARENT_NOT_ACTIVE"],
    ["beyond the parent's end", { notAfter: later(299) }, {}, "OUTLIVES_PARENT"],
    ["to a higher tier", { tier: "T1" }, { tier: "T2" }, "TIER_TOO_HIGH"],
    ["to T2 by T3, whose children are at most T1", { tier: "T3" }, { tier: "T2" }, "TIER_TOO_HIGH"],
    ["by T0", { tier: "T0" }, {}, "TOO_DEEP"],
    ["to a suspended agent", {}, { state: "suspended" }, "PROFILE_NOT_ACTIVE"],
    ["beyond the child's own ceiling", {}, { ceiling: { tools: [] } }, "SCOPE_WIDENS"],
  ] as const)("%s is refused", async (_, parent, own, code) => {
    await expectCode(() => delegate(task(parent), asked(), { ...facts(), profile: { ...scribe, ...own } }), code);
  });

  it("stops at the tier's number of children that have not ended", async () => {
    const root = task();
    const children = Array.from({ length: tiers.T2.maxChildren }, () => task({ parentId: root.id, state: "ending" }));
    await expectCode(() => delegate(root, asked(), facts(children)), "TOO_MANY_CHILDREN");
    expect(delegate(root, asked(), facts(children.map((each) => ({ ...each, state: "ended" }))))).toBeDefined();
  });
});

describe("a grant", () => {
  const live: Grant = {
    id: "g",
    taskId: newId(),
    kind: "lease",
    guard: "b",
    ref: "l",
    notAfter: later(60),
    renewable: true,
    state: "live",
    revision: 1,
  };
  const evidence = { by: "spiffe://example.org/broker", at: now, method: "login-refused", detail: { sessions: 0 } };
  const events: readonly GrantEvent[] = [
    { event: "extend", notAfter: later(90), at: now },
    { event: "end" },
    { event: "resist", problem: "unreachable" },
    { event: "prove", evidence },
  ];

  it("that someone could renew is not closed by time, another is", () => {
    const over = task({ id: live.taskId, state: "ending", reason: "revoked" });
    const quiet = (renewable: boolean, at: Date) => isQuiet([over], [{ ...live, renewable }], at).quiet;
    expect([quiet(true, later(61)), quiet(false, later(59.999)), quiet(false, later(60))]).toEqual([
      false,
      false,
      true,
    ]);
  });

  it("goes one way only", () => {
    const steps = (["live", "ending", "gone"] as const).flatMap((state) =>
      events.flatMap((event) => {
        try {
          return `${state} → ${event.event} → ${nextGrant({ ...live, state }, event).state}`;
        } catch {
          return [];
        }
      }),
    );
    expect(steps).toEqual([
      "live → extend → live",
      "live → end → ending",
      "live → prove → gone",
      "ending → end → ending",
      "ending → resist → ending",
      "ending → prove → gone",
    ]);
  });

  it.each([
    ["that is not renewable is not extended", { renewable: false }, { event: "extend", notAfter: later(90), at: now }],
    ["past its end is not extended", {}, { event: "extend", notAfter: later(90), at: later(60) }],
    ["is not extended at no time", {}, { event: "extend", notAfter: later(90), at: new Date(Number.NaN) }],
    ["is not extended to no time", {}, { event: "extend", notAfter: new Date(Number.NaN), at: now }],
    ["is not shortened by an extension", {}, { event: "extend", notAfter: later(59), at: now }],
    ["is not gone by an order alone", {}, { event: "prove", evidence: { ...evidence, method: "" } }],
  ] as const)("%s", async (_, fields, event) => {
    await expectCode(() => nextGrant({ ...live, ...fields }, event), "ILLEGAL_GRANT_STEP");
  });
});

describe("profiles and operators", () => {
  const given = {
    name: "ops/ir-bot",
    owner: "dana",
    tier: "T2",
    ceiling: { tools: [] },
    selectors: ["unix:uid:1000"],
    expiresAt: "2027-01-01T00:00:00Z",
  };

  it("a profile has an owner, an expiry and selectors, or all that is missing is named", () => {
    expect(parseProfile(given)).toMatchObject({ name: "ops/ir-bot", state: "active", revision: 0 });
    try {
      parseProfile({ name: "Ops/task", tier: "T9", ceiling: { tools: [{}] }, selectors: ["task:id:x"], backup: "" });
      expect.fail("nothing was thrown");
    } catch (error) {
      expect(error).toHaveProperty("code", "PROFILE_INVALID");
      const paths = (error as TaskError).problems.map(({ path }) => path);
      expect(paths).toEqual(
        expect.arrayContaining([
          "name",
          "owner",
          "tier",
          "ceiling.tools[0].server",
          "selectors[0]",
          "expiresAt",
          "backup",
        ]),
      );
    }
  });

  it.each([
    { name: "a/task/b" },
    { name: "task" },
    { name: "a/b/c/d/e" },
    { name: "a//b" },
    { selectors: [] },
    { selectors: ["unix"] },
    { expiresAt: "tomorrow" },
    { expiresAt: "2027-13-01T00:00:00Z" },
    { backup: "dana" },
    { extra: 1 },
  ])("a profile with %j is refused", async (fields) => {
    await expectCode(() => parseProfile({ ...given, ...fields }), "PROFILE_INVALID");
  });

  it("an operator is refused with a key that is none, a role that is none, a member that is none", async () => {
    for (const fields of [
      { keys: ["ssh-rsa AAAA"] },
      { roles: [{ role: "root", prefix: "/" }] },
      { name: "Dana" },
      { x: 1 },
      { roles: [{ role: "admin", prefix: "/a/" }] },
    ]) {
      await expectCode(() => parseOperator({ name: "dana", keys: [], roles: [], ...fields }), "OPERATOR_INVALID");
    }
  });

  it.each<[string, string, Role, boolean]>([
    ["/", "ir-bot", "approver", true],
    ["/ops", "ops", "approver", true],
    ["/ops", "ops/ir-bot", "approver", true],
    ["/ops", "ops2/ir-bot", "approver", false],
    ["/ops/ir", "ops/ir-bot", "approver", false],
    ["/", "ir-bot", "viewer", false],
    ["/", "ir-bot", "admin", false],
  ])("a role at %s over agent %s as %s: %s", (prefix, agent, role, has) => {
    const { operator } = person("lee", { roles: [{ role: "approver", prefix }] });
    expect(hasRole(operator, role, agent)).toBe(has);
    expect(hasRole({ ...operator, state: "suspended" }, role, agent)).toBe(false);
  });

  it("whatever is written, a profile or operator is refused with nothing but a TaskError", () => {
    const part = fc.oneof(fc.anything(), fc.string(), fc.constant(given.name));
    const odd = (like: object) =>
      fc.record(Object.fromEntries(Object.keys(like).map((name) => [name, part])), { requiredKeys: [] });
    const operator = { name: "", keys: [], roles: [], aliases: [], spiffeIds: [] };
    fc.assert(
      fc.property(
        fc.oneof(fc.anything(), odd(given), odd(operator)),
        fc.constantFrom(parseProfile, parseOperator),
        (value, parse) => {
          allowed(() => parse(value));
        },
      ),
      { numRuns: 500 },
    );
  });

  it("a person is told by any name of theirs, also over another entry that shares one", () => {
    const people = [person("a", { aliases: ["x"] }), person("b", { aliases: ["X", "y"] }), person("c")];
    const all = people.map(({ operator }) => operator);
    expect(isPerson("a", "Y", all)).toBe(true);
    expect(isPerson("a", "c", all)).toBe(false);
    expect(isPerson("nobody", "NOBODY", [])).toBe(true);
  });
});
