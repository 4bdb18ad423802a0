// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { now } from "./samples.ts";
import { scribeMay } from "./readme-example.ts";

it("the README's example is the one that is tested", () => {
  const [, ...lines] = readFileSync(new URL("readme-example.ts", import.meta.url), "utf8").split("\n");
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  expect(readme).toContain(lines.join("\n").trimEnd());
});

it("the README's example tells what goes and why what does not go does not", () => {
  const call = {
    server: "orders",
    tool: "query",
    effect: "read",
    resources: ["orders/eu/7"],
    arguments: {},
    at: now,
  } as const;
  expect(scribeMay(call, randomBytes)).toBe("go");
  expect(scribeMay({ ...call, resources: ["orders/eu/../us/1"] }, randomBytes)).toBe("RESOURCE_NOT_CANONICAL");
  expect(scribeMay({ ...call, tool: "refund", arguments: { amount: 5 } }, randomBytes)).toBe("TOOL_NOT_IN_SCOPE");
});
