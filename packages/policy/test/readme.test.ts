// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { parseScope, type Task, type ToolCall } from "@mayfly/tasks";
import { expect, it } from "vitest";
import { starterPolicies } from "../src/index.ts";
import { taskFacts, taskPeer } from "./policy-kit.ts";
import { decide, openStore, reload } from "./readme-example.ts";

it("the README's example is the one that is tested", () => {
  const [, ...lines] = readFileSync(new URL("readme-example.ts", import.meta.url), "utf8").split("\n");
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  expect(readme).toContain(lines.join("\n").replace("../src/index.ts", "@mayfly/policy").trimEnd());
});

it("the README's example: scope and policies decide together, over a real scope", () => {
  const alarms: string[] = [];
  const store = openStore((code) => alarms.push(code));
  const scope = parseScope({
    tools: [
      {
        server: "orders",
        tool: "refund",
        effect: "reversible",
        arguments: { amount: { max: 50 } },
        approval: "over-limit",
      },
    ],
  });
  const at = new Date("2026-11-25T12:00:00Z");
  const task: Task = {
    ...taskFacts,
    parentId: taskFacts.ancestors[0],
    rootId: taskFacts.id,
    requestedBy: "dana",
    scope,
    state: "active",
    holds: [],
    createdAt: at,
    notAfter: new Date("2026-11-25T13:00:00Z"),
    revision: 1,
  };
  const call = (amount: number, tool = "refund"): ToolCall => ({
    server: "orders",
    tool,
    effect: "reversible",
    resources: [],
    arguments: { amount },
    at,
  });
  expect(decide(store, taskPeer, task, call(40)).allowed).toBe(false);
  const { policies, manifest } = starterPolicies();
  const files = Object.fromEntries(Object.entries(policies).map(([id, text]) => [`policies/${id}.cedar`, text]));
  expect(reload(store, { ...files, "manifest.json": manifest })).toBe(true);
  expect(decide(store, taskPeer, task, call(40))).toMatchObject({ allowed: true, policyIds: ["call-in-scope"] });
  expect(decide(store, taskPeer, task, call(4000))).toMatchObject({ allowed: false, requestable: true });
  expect(decide(store, taskPeer, task, call(4, "export"))).toMatchObject({ allowed: false, requestable: false });
  expect(reload(store, files)).toBe(false);
  expect([alarms, decide(store, taskPeer, task, call(40)).allowed]).toEqual([["BUNDLE_MALFORMED"], true]);
});
