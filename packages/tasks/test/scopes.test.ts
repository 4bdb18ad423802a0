// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type ArgumentLimit,
  countersOf,
  formatScope,
  isCanonicalResource,
  isNarrower,
  judgeCall,
  parseScope,
  type ResourceLimit,
  type Scope,
  ScopeError,
  type ToolCall,
  type ToolScope,
} from "../src/index.ts";
import { call, limit, narrowed, scope } from "./random-scopes.ts";
import { later, now, task } from "./samples.ts";

const refund: ToolScope = {
  server: "orders",
  tool: "refund",
  effect: "irreversible",
  arguments: { amount: { min: 0, max: 50 } },
  approval: "over-limit",
};
const refundOf = (amount: unknown): ToolCall => ({
  server: "orders",
  tool: "refund",
  effect: "irreversible",
  resources: [],
  arguments: amount === undefined ? {} : { amount },
  at: now,
});

describe("a call", () => {
  it.each([
    [40, true, false, undefined],
    [50, true, false, undefined],
    [50.01, false, true, "ARGUMENT_OVER_LIMIT"],
    [4000, false, true, "ARGUMENT_OVER_LIMIT"],
    ["40", false, false, "ARGUMENT_WRONG_TYPE"],
    [null, false, false, "ARGUMENT_WRONG_TYPE"],
    [Number.NaN, false, false, "ARGUMENT_WRONG_TYPE"],
    [[40], false, false, "ARGUMENT_WRONG_TYPE"],
    [undefined, false, false, "ARGUMENT_MISSING"],
  ])("of refund with amount %j: in scope %s, requestable %s", (amount, inScope, requestable, code) => {
    const verdict = judgeCall({ tools: [refund] }, refundOf(amount));
    expect({ ...verdict, problems: verdict.problems.map((each) => each.code) }).toEqual({
      inScope,
      requestable,
      tool: refund,
      problems: code === undefined ? [] : [code],
    });
  });

  it("of a tool that is not named, or named otherwise, is never requestable", () => {
    for (const name of ["refunds", "Refund", "refund ", "", "__proto__"]) {
      const verdict = judgeCall({ tools: [refund] }, { ...refundOf(40), tool: name });
      expect(verdict).toEqual({ inScope: false, requestable: false, problems: [{ code: "TOOL_NOT_IN_SCOPE" }] });
    }
  });

  it("is held by each clause as the clause says", () => {
    const verdicts = (["always", "never", "over-limit"] as const).map((approval) =>
      [40, 4000].map((amount) => {
        const { inScope, requestable } = judgeCall({ tools: [{ ...refund, approval }] }, refundOf(amount));
        return `${String(inScope)} ${String(requestable)}`;
      }),
    );
    expect(verdicts).toEqual([
      ["true true", "false false"],
      ["true false", "false false"],
      ["true false", "false true"],
    ]);
  });

  it("past the scope's end, of a stronger effect or over a limit elsewhere too is not requestable", () => {
    const ended = judgeCall({ tools: [{ ...refund, notAfter: now }] }, refundOf(4000));
    expect(ended).toMatchObject({ inScope: false, requestable: false });
    expect(judgeCall({ tools: [{ ...refund, effect: "reversible" }] }, refundOf(4000)).requestable).toBe(false);
    const atNoTime = { ...refundOf(40), at: new Date(Number.NaN) };
    expect(judgeCall({ tools: [{ ...refund, notAfter: later(9) }] }, atNoTime).inScope).toBe(false);
  });

  it.each<[ResourceLimit, readonly string[], boolean]>([
    [{ prefix: "orders/eu" }, ["orders/eu"], true],
    [{ prefix: "orders/eu" }, ["orders/eu/7"], true],
    [{ prefix: "orders/eu" }, ["orders/eu/7", "orders/us/1"], false],
    [{ prefix: "orders/eu" }, ["orders/europe"], false],
    [{ prefix: "orders/eu" }, [], false],
    [{ set: ["orders/eu/7"] }, ["orders/eu/7"], true],
    [{ set: ["orders/eu/7"] }, ["orders/eu/7/8"], false],
  ])("with resources %j of %j: %s", (limit, resources, inScope) => {
    const limited = { server: "orders", tool: "read", effect: "read", resources: limit } as const;
    const verdict = judgeCall({ tools: [limited] }, { ...refundOf(1), tool: "read", effect: "read", resources });
    expect(verdict.inScope).toBe(inScope);
  });

  it.each([
    "orders/eu/../us",
    "orders/eu/./7",
    "orders//eu",
    "orders/eu/",
    "orders/eu/%2e%2e/us",
    "orders/eu/a\\b",
    "orders/eu/\0",
    "orders/EU/7",
    "",
  ])("POL-D05 names the resource in its one form: %j is refused", (name) => {
    const limited = { ...refund, resources: { prefix: "orders/eu" }, arguments: {} };
    expect(judgeCall({ tools: [limited] }, { ...refundOf(1), resources: [name] }).inScope).toBe(false);
    if (name !== "orders/EU/7") expect(isCanonicalResource(name)).toBe(false);
  });

  it.each<[ArgumentLimit, unknown, boolean]>([
    [{ equals: 10 }, 10, true],
    [{ equals: 10 }, "10", false],
    [{ equals: null }, null, true],
    [{ oneOf: ["a", "b"] }, "b", true],
    [{ oneOf: ["a", "b"] }, "B", false],
    [{ prefix: "data/" }, "data/x", true],
    [{ prefix: "data/" }, "data/../etc/passwd", false],
    [{ prefix: "data/" }, "data/%2e%2e/x", false],
    [{ prefix: "data/" }, "data/x\n", false],
    [{ min: 1, max: 3, integer: true }, 2, true],
    [{ min: 1, max: 3, integer: true }, 2.5, false],
    [{ max: 3 }, Number.NEGATIVE_INFINITY, false],
    [{ maxLength: 2 }, "😀😀", true],
    [{ maxLength: 2 }, "abc", false],
    [{ absent: true }, undefined, true],
    [{ absent: true }, null, false],
  ])("with the limit %j takes %j: %s", (limit, value, inScope) => {
    const limited = { ...refund, arguments: { amount: limit } };
    expect(judgeCall({ tools: [limited] }, refundOf(value)).inScope).toBe(inScope);
  });

  it("reads own members only, through objects only", () => {
    const limited = { ...refund, arguments: { "o.constructor": { absent: true as const } } };
    const judge = (o: unknown): boolean =>
      judgeCall({ tools: [limited] }, { ...refundOf(1), arguments: { o } }).inScope;
    expect([judge({}), judge({ constructor: 1 }), judge([]), judge("text")]).toEqual([true, false, false, false]);
  });
});

describe("a scope is narrower", () => {
  it("than itself, and names the first thing by which it is not", () => {
    expect(isNarrower({ tools: [refund] }, { tools: [refund] })).toEqual({ narrower: true });
    for (const [fields, path] of [
      [{ tool: "drop" }, "orders/drop"],
      [{ arguments: {} }, "orders/refund: arguments.amount"],
      [{ arguments: { amount: { max: 50 } } }, "orders/refund: arguments.amount"],
      [{ arguments: { amount: { min: 0, max: 51 } } }, "orders/refund: arguments.amount"],
    ] as const) {
      const child = { tools: [{ ...refund, ...fields }] };
      expect(isNarrower(child, { tools: [refund] })).toEqual({ narrower: false, path });
    }
    expect(isNarrower({ tools: [refund] }, { tools: [{ ...refund, maxCalls: 3 }] })).toMatchObject({ narrower: false });
  });

  it("only if every call that it takes, alone or with an approval, is taken so by the other", () => {
    let narrowings = 0;
    fc.assert(
      fc.property(scope, scope, fc.array(call, { minLength: 8, maxLength: 8 }), (child, parent, calls) => {
        if (!isNarrower(child, parent).narrower) return;
        narrowings++;
        for (const each of calls) assertTakenToo(judgeCall(child, each), judgeCall(parent, each));
      }),
      { numRuns: 20_000 },
    );
    expect(narrowings).toBeGreaterThan(300);
  });

  it("in one argument only if every value that it takes, alone or with an approval, is taken so by the other", () => {
    const clause = fc.constantFrom("always" as const, "never" as const, "over-limit" as const);
    const one = fc
      .tuple(limit, clause)
      .map(([x, approval]): Scope => ({ tools: [{ ...refund, arguments: { x }, approval }] }));
    let narrowings = 0;
    fc.assert(
      fc.property(one, one, (child, parent) => {
        if (!isNarrower(child, parent).narrower) return;
        narrowings++;
        for (const x of manyValues) {
          const each = { ...refundOf(1), arguments: x === undefined ? {} : { x } };
          assertTakenToo(judgeCall(child, each), judgeCall(parent, each));
        }
      }),
      { numRuns: 10_000 },
    );
    expect(narrowings).toBeGreaterThan(500);
  });

  it("when it was made by narrowing, and so is what is narrower than it", () => {
    const chain = scope.chain((a) => narrowed(a).chain((b) => narrowed(b).map((c) => [a, b, c] as const)));
    fc.assert(
      fc.property(chain, fc.array(call, { minLength: 4, maxLength: 4 }), ([a, b, c], calls) => {
        for (const [child, parent] of [
          [b, a],
          [c, b],
          [c, a],
        ] as const) {
          const isLifting = child.tools.some(({ approval }) => approval === "over-limit");
          if (!isLifting) expect(isNarrower(child, parent)).toEqual({ narrower: true });
          if (!isNarrower(child, parent).narrower) continue;
          for (const each of calls) assertTakenToo(judgeCall(child, each), judgeCall(parent, each));
        }
      }),
      { numRuns: 2000 },
    );
  });
});

const manyValues = [
  undefined,
  null,
  true,
  false,
  -2,
  -1,
  0,
  1,
  1.5,
  2,
  3,
  99,
  "",
  "a",
  "a/",
  "a/b",
  "a/b/c",
  "a/../b",
  "ab",
  "b",
  "bcd",
  "1",
  [],
  {},
  Number.NaN,
];

interface Taken {
  readonly inScope: boolean;
  readonly requestable: boolean;
}

function assertTakenToo(child: Taken, parent: Taken): void {
  const isAlone = (verdict: Taken): boolean => verdict.inScope && !verdict.requestable;
  if (isAlone(child)) expect(isAlone(parent)).toBe(true);
  if (child.requestable) expect(parent.inScope || parent.requestable).toBe(true);
}

describe("a scope's text", () => {
  it("is read back as it was written", () => {
    fc.assert(
      fc.property(scope, (each) => {
        const text = formatScope(each);
        expect(parseScope(JSON.parse(text))).toEqual(each);
        expect(formatScope(parseScope(JSON.parse(text)))).toBe(text);
      }),
    );
  });

  it("is refused with all that is wrong at once, and with nothing but a ScopeError", () => {
    const wrong = {
      tools: [
        { server: "Orders", tool: "a", effect: "write", extra: 1 },
        { server: "orders", tool: "a", effect: "read", arguments: { x: { max: 1, prefix: "a" }, "y z": { max: 1 } } },
        { server: "orders", tool: "a", effect: "read", maxCalls: -1, resources: { prefix: "a/../b" } },
      ],
    };
    try {
      parseScope(wrong);
      expect.fail("nothing was thrown");
    } catch (error) {
      expect(error).toBeInstanceOf(ScopeError);
      expect((error as ScopeError).problems.map(({ path }) => path)).toEqual([
        "tools[0].extra",
        "tools[0].server",
        "tools[0].effect",
        "tools[1].arguments.x",
        "tools[1].arguments",
        "tools[2].resources.prefix",
        "tools[2].maxCalls",
        "tools[2]",
      ]);
    }
    const anything = fc.anything({ withNullPrototype: true, withDate: true, withMap: true });
    const nearly = fc.record({
      tools: fc.array(
        fc.record({ server: fc.anything(), tool: fc.anything(), effect: fc.anything(), arguments: fc.anything() }),
      ),
    });
    fc.assert(
      fc.property(fc.oneof(anything, nearly), (value) => {
        try {
          parseScope(value);
        } catch (error) {
          expect(error).toBeInstanceOf(ScopeError);
        }
      }),
    );
  });
});

it("a call takes from the budgets of its task and of each ancestor that has one", () => {
  const limited = (maxCalls?: number) => ({ tools: [{ ...refund, maxCalls }] });
  const root = task({ scope: limited(3) });
  const middle = task({ scope: limited() });
  const leaf = task({ scope: limited(2) });
  expect(countersOf({ server: "orders", tool: "refund" }, [leaf, middle, root])).toEqual([
    { taskId: leaf.id, server: "orders", tool: "refund", maxCalls: 2 },
    { taskId: root.id, server: "orders", tool: "refund", maxCalls: 3 },
  ]);
  expect(countersOf({ server: "orders", tool: "query" }, [leaf, root])).toEqual([]);
});
