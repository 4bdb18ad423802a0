// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

it.each(["errors", "conformance", "attacks"])("docs/%s.md is what the sources say, and complete", (name) => {
  const script = fileURLToPath(new URL("../../../scripts/generate.mjs", import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [script, "--check", name], { encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
});
