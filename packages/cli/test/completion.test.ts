// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from "node:child_process";
import { beforeAll, describe, expect, it } from "vitest";
import { mayfly } from "./mayfly.ts";

let script = "";
beforeAll(async () => {
  script = (await mayfly(["completion", "bash"])).stdout;
});

/** What bash offers for the last word. */
function offered(...words: readonly string[]): string[] {
  const call = `${script}\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _mayfly; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync("bash", ["-c", call, "bash", ...words], { encoding: "utf8" });
  expect(stderr).toBe("");
  return stdout.split("\n").filter((word) => word !== "");
}

describe("mayfly completion bash", () => {
  it("offers nouns, then verbs", () => {
    expect(offered("mayfly", "e")).toEqual(["entry", "evidence", "explain"]);
    expect(offered("mayfly", "kill", "")).toEqual(["task", "agent", "node", "spiffe-id"]);
    expect(offered("mayfly", "workload", "fetch", "")).toEqual(["x509", "jwt", "bundles"]);
  });

  it("offers options after a dash, and the values of those that have some", () => {
    expect(offered("mayfly", "entry", "list", "--ma")).toEqual(["--match"]);
    expect(offered("mayfly", "entry", "list", "--match", "s")).toEqual(["subset", "superset"]);
  });

  it("offers arguments, whatever options stand before them", () => {
    expect(offered("mayfly", "--output", "json", "authority", "list", "")).toEqual(["x509", "jwt"]);
  });

  it("leaves values of its own to the shell", () => {
    expect(offered("mayfly", "agent", "run", "--enrolment", "")).toEqual([]);
  });
});

describe("mayfly completion", () => {
  it.each(["zsh", "fish"])("%s prints a script that names every command", async (shell) => {
    const { status, stdout } = await mayfly(["completion", shell]);
    expect(status).toBe(0);
    expect(stdout).toContain("workload fetch bundles");
  });

  it("refuses other shells", async () => {
    expect(await mayfly(["completion", "ksh"])).toMatchObject({ status: 2, stdout: "" });
  });
});
