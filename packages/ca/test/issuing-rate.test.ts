// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const script = fileURLToPath(new URL("./support/issuing-rate.ts", import.meta.url));

it("the script that measures the rate of issuing works", () => {
  const output = execFileSync(process.execPath, [script, "0.3"], { encoding: "utf8" });
  expect(output).toMatch(/^[1-9][0-9]* SVIDs: [1-9][0-9]* per CPU second/);
});
