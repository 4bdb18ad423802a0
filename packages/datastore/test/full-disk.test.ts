// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { Folder } from "./folder.ts";

const newNamespace = "unshare";
const filler = fileURLToPath(new URL("fill-disk.ts", import.meta.url));

/** Runs a shell command with a disk of 6 MiB at `$0`, which nobody else sees; needs user namespaces or root. */
function onSmallDisk(folder: string, command: string): { status: number | null; stdout: string; stderr: string } {
  const script = `mount -t tmpfs -o size=6m,mode=700 none "$0" && ${command}`;
  const namespaces = process.getuid?.() === 0 ? ["--mount"] : ["--mount", "--map-root-user"];
  return spawnSync(newNamespace, [...namespaces, "sh", "-c", script, folder], { encoding: "utf8" });
}

function hasSmallDisks(): boolean {
  using folder = new Folder();
  return onSmallDisk(folder.path, "true").status === 0;
}

describe("a full disk", () => {
  // Where no small disk can be mounted, executor.test.ts has the same with a limit of pages.
  it.runIf(hasSmallDisks())(
    "refuses writes with STORE_FULL, still reads, and recovers once there is room (DBS-D04)",
    () => {
      using folder = new Folder();
      const { stdout, stderr } = onSmallDisk(
        folder.path,
        `exec "${process.execPath}" --conditions=@mayfly/source "${filler}" "$0"`,
      );
      expect(stderr).toBe("");
      const { acknowledged, kept, ...seen } = JSON.parse(stdout) as { acknowledged: number; kept: number };
      expect(seen).toEqual({
        first: "STORE_FULL",
        whileFull: ["STORE_FULL", "STORE_FULL"],
        readable: true,
        again: "ok",
        isIntact: true,
      });
      expect(acknowledged).toBeGreaterThan(10);
      expect(kept).toBe(acknowledged);
    },
  );
});
