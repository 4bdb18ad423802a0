// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { Folder } from "./folder.ts";
import { hasSmallDisks, onSmallDisk } from "./small-disk.ts";

const script = fileURLToPath(new URL("fault-record.ts", import.meta.url));
const setLimits = "prlimit";
const hasLimits = spawnSync(setLimits, ["--version"]).status === 0;

function expectRefusedAndRecovered(run: { readonly stdout: string; readonly stderr: string }): void {
  expect(run.stderr).toBe("");
  const { acknowledged, ...seen } = JSON.parse(run.stdout) as { acknowledged: number };
  expect(seen).toEqual({
    first: "LOG_UNAVAILABLE",
    whileBroken: ["LOG_UNAVAILABLE", "LOG_UNAVAILABLE"],
    isHealthy: false,
    readable: true,
    again: "ok",
    isHealthyAgain: true,
    isIntact: true,
    problems: [],
  });
  expect(acknowledged).toBeGreaterThan(10);
}

describe("a record that can't be written", () => {
  it.runIf(hasSmallDisks())("AUD-D07 refuses on a full disk, is not healthy, and goes on once there is room", () => {
    using folder = new Folder();
    const command = `exec "${process.execPath}" --conditions=@mayfly/source "${script}" "$0" full`;
    expectRefusedAndRecovered(onSmallDisk(folder.path, command));
  });

  it.runIf(hasLimits)("AUD-D07 refuses when a write fails, is not healthy, and goes on once writes work", () => {
    using folder = new Folder();
    const args = ["--conditions=@mayfly/source", script, folder.path, "write-error"];
    expectRefusedAndRecovered(spawnSync(process.execPath, args, { encoding: "utf8" }));
  });
});
