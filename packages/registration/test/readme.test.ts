// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { identities } from "./readme-example.ts";
import { entry, node, td } from "./worlds.ts";

it("the README's example is the one that is tested", () => {
  const [, ...lines] = readFileSync(new URL("readme-example.ts", import.meta.url), "utf8").split("\n");
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  expect(readme).toContain(lines.join("\n").replace("../src/index.ts", "@mayfly/registration").trimEnd());
});

it("the README's example names identities, or what to do", () => {
  const home = node({ id: `${td}/spire/agent/a` });
  const entries = [entry({ id: "web", selectors: [{ type: "unix", value: "uid:1000" }] })];
  const now = new Date("2026-11-24T12:00:00Z");
  expect(identities(entries, home, ["unix:uid:1000", "unix:gid:5"], now)).toEqual([`${td}/web`]);
  expect(identities(entries, home, ["unix:uid:7"], now)).toEqual([
    "WRONG_UID: run the process as uid 1000, or: mayfly entry update web --selector unix:uid:7",
  ]);
});
