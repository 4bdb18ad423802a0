// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { logRefusal } from "./readme-example.ts";

const readme: string = readFileSync(new URL("../README.md", import.meta.url), "utf8");

it("the README's example is the one that is tested", () => {
  const [, ...lines] = readFileSync(new URL("readme-example.ts", import.meta.url), "utf8").split("\n");
  expect(readme).toContain(lines.join("\n").replace("../src/index.ts", "@mayfly/telemetry").trimEnd());
});

it("the README's example writes what the README says", () => {
  const destination = new PassThrough();
  logRefusal(destination);
  const written = String(destination.read()).replaceAll(/^\S+Z/gm, "2026-11-24T12:00:00.000Z");
  expect(readme).toContain(written.trimEnd());
});
