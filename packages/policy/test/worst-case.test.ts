// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { limits } from "../src/limits.ts";
import { bundleOf, callOf } from "./policy-kit.ts";

/** Milliseconds of this thread's processor time. */
function cpuMs(action: () => unknown): number {
  const from = process.threadCpuUsage();
  action();
  const { user, system } = process.threadCpuUsage(from);
  return (user + system) / 1000;
}

describe("[POL-D10] what an evaluation costs at most", () => {
  // Wildcards over text are the costliest thing that a policy can ask for, and an agent chooses the text.
  const pattern = (stars: number): string =>
    `context.arguments has order && context.arguments.order like "${"*a".repeat(stars)}*b"`;
  const longest = callOf({ arguments: { order: "a".repeat(limits.argumentLength) } });

  it.each<[string, () => string[], number]>([
    [
      "500 policies with a pattern, over the longest text",
      () => Array.from({ length: 500 }, () => `forbid (principal, action, resource) when { ${pattern(20)} };`),
      200,
    ],
    [
      "a full bundle of nothing but patterns, over the longest text",
      () =>
        Array.from(
          { length: 32 },
          () =>
            `forbid (principal, action, resource) when { ${Array.from({ length: 38 }, () => `(${pattern(170)})`).join(" || ")} };`,
        ),
      500,
    ],
  ])("%s", (_, policies, maxMs) => {
    const bundle = bundleOf(...policies());
    bundle.authorize(longest);
    const spent = cpuMs(() => bundle.authorize(longest));
    expect(spent).toBeLessThan(maxMs);
  });

  it("sets at their limits", () => {
    const names = JSON.stringify(Array.from({ length: 400 }, (_, index) => `tag-${String(index)}`));
    const bundle = bundleOf(
      `permit (principal, action, resource) when { context.arguments has tags && ${names}.containsAll(context.arguments.tags) };`,
    );
    const call = callOf({
      arguments: {
        tags: Array.from({ length: limits.argumentMembers - 2 }, (_, index) => `tag-${String(index % 400)}`),
      },
    });
    expect(bundle.authorize(call).allowed).toBe(true);
    expect(cpuMs(() => bundle.authorize(call))).toBeLessThan(100);
    const over = callOf({ arguments: { tags: Array.from({ length: limits.argumentMembers }, () => "x") } });
    expect(bundle.authorize(over).reason).toBe("ARGUMENTS_TOO_LARGE");
  });
});
