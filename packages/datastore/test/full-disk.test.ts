// SPDX-License-Identifier: Apache-2.0
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { Folder } from "./folder.ts";
import { hasSmallDisks, onSmallDisk } from "./small-disk.ts";

const filler = fileURLToPath(new URL("fill-disk.ts", import.meta.url));

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
