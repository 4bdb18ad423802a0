// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { beats } from "../../demo/beats/beats.ts";
import { runDemo } from "../../demo/run-demo.ts";

describe("npm run demo", () => {
  it("tells the whole story, each part with what was measured, and leaves nothing behind", {
    timeout: 600_000,
  }, async () => {
    const printed: string[] = [];
    const { passed, beats: played } = await runDemo((line) => printed.push(line));
    expect(passed, printed.join("\n")).toBe(true);
    expect(played.map(({ title }) => title)).toEqual(beats.map(({ title }) => title));
    for (const { title, lines } of played) expect([title, lines.length > 0]).toEqual([title, true]);
  });
});
