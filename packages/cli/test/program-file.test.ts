// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { programFiles } from "../src/run/dev/program-file.ts";

let folder = "";
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "mayfly-programs-")));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("programFiles", () => {
  it("gives programs that the kernel knows by different paths", () => {
    const files = programFiles([folder], ["web", "db"]);
    expect(files).toEqual({ web: join(folder, "web"), db: join(folder, "db") });
    for (const path of Object.values(files)) {
      const { stdout } = spawnSync(path, ["-p", "fs.readlinkSync('/proc/self/exe')"], { encoding: "utf8" });
      expect(stdout.trim()).toBe(path);
    }
  });

  it("is refused with a code where there is no folder to use", () => {
    expect(() => programFiles([], ["web"])).toThrow(expect.objectContaining({ code: "NOT_STARTED" }) as Error);
  });
});
