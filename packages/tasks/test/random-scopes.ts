// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import type { ArgumentLimit, ResourceLimit, Scope, ToolCall, ToolScope } from "../src/index.ts";
import { later, now } from "./samples.ts";

// Small worlds: parent, child and call have to meet often.
const number = fc.constantFrom(-1, 0, 1, 1.5, 2, 3);
const text = fc.constantFrom("", "a", "a/", "a/b", "ab", "b", "a/../b", "1");
const scalar = fc.oneof(number, text, fc.constantFrom(true, false, null));
const range = fc
  .tuple(fc.option(number), fc.option(number), fc.boolean())
  .filter(([min, max]) => (min !== null || max !== null) && (min ?? -9) <= (max ?? 9))
  .map(
    ([min, max, integer]): ArgumentLimit => ({
      ...(min === null ? {} : { min }),
      ...(max === null ? {} : { max }),
      ...(integer ? { integer } : {}),
    }),
  );

/** Any limit of an argument. */
export const limit: fc.Arbitrary<ArgumentLimit> = fc.oneof(
  scalar.map((equals) => ({ equals })),
  fc.uniqueArray(scalar, { minLength: 1, maxLength: 3 }).map((oneOf) => ({ oneOf })),
  fc.constantFrom("", "a", "a/", "a/b").map((prefix) => ({ prefix })),
  range,
  fc.integer({ min: 0, max: 3 }).map((maxLength) => ({ maxLength })),
  fc.constant({ absent: true } as const),
);

const resource = fc.constantFrom("eu", "eu/1", "eu/1/2", "us", "europe");
const resources: fc.Arbitrary<ResourceLimit> = fc.oneof(
  resource.map((prefix) => ({ prefix })),
  fc.uniqueArray(resource, { minLength: 1, maxLength: 3 }).map((set) => ({ set })),
);

function tool(name: string): fc.Arbitrary<ToolScope> {
  const optional = fc.record(
    {
      resources,
      arguments: fc.dictionary(fc.constantFrom("x", "y", "o.x", "__proto__"), limit, { maxKeys: 2 }),
      maxCalls: fc.integer({ min: 0, max: 3 }),
      notAfter: fc.integer({ min: -1, max: 2 }).map(later),
      approval: fc.constantFrom("always", "never", "over-limit"),
    } as const,
    { requiredKeys: [] },
  );
  const effect = fc.constantFrom("read", "reversible", "irreversible");
  return fc.tuple(effect, optional).map(([effect, rest]): ToolScope => ({ server: "s", tool: name, effect, ...rest }));
}

/** Any scope over two tools. */
export const scope: fc.Arbitrary<Scope> = fc
  .tuple(fc.option(tool("a")), fc.option(tool("b")))
  .map(([a, b]) => ({ tools: [a, b].filter((each) => each !== null) }));

const values = fc.oneof(scalar, fc.constantFrom([1], Number.NaN));

/** Any call of one of three tools, honest or not. */
export const call: fc.Arbitrary<ToolCall> = fc.record({
  server: fc.constantFrom("s", "s", "S"),
  tool: fc.constantFrom("a", "b", "c"),
  effect: fc.constantFrom("read", "reversible", "irreversible"),
  resources: fc.array(fc.oneof(resource, fc.constantFrom("eu/../us", "eu/", "EU")), { maxLength: 2 }),
  arguments: fc.record(
    { x: values, y: values, o: fc.oneof(fc.record({ x: values }, { requiredKeys: [] }), values) },
    { requiredKeys: [] },
  ),
  at: fc.constantFrom(now, later(1), later(5)),
});

/** A scope made from another by narrowing it here and there: what honest callers ask for. */
export function narrowed(parent: Scope): fc.Arbitrary<Scope> {
  const parts = parent.tools.map((each) =>
    fc
      .record({
        keep: fc.boolean(),
        effect: fc.constantFrom(each.effect, "read" as const),
        approval: fc.constantFrom(each.approval, "always" as const),
        maxCalls: fc.constantFrom(each.maxCalls, 0),
        extra: fc.dictionary(fc.constantFrom("y", "z"), limit, { maxKeys: 1 }),
      })
      .map(({ keep, effect, approval, maxCalls, extra }): readonly ToolScope[] =>
        keep ? [{ ...each, effect, approval, maxCalls, arguments: { ...extra, ...each.arguments } }] : [],
      ),
  );
  return fc.tuple(...parts).map((tools) => ({ tools: tools.flat() }));
}
