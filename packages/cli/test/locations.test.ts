// SPDX-License-Identifier: Apache-2.0
import { chownSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isForeign } from "../src/locations.ts";

let directory = "";
let owner = 0;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "mayfly-locations-"));
  const inside = join(directory, "inside");
  mkdirSync(inside);
  // Root's directories are trusted by everybody, so that root has to give this one away.
  if (process.geteuid?.() === 0) chownSync(inside, 64_998, 64_998);
  owner = statSync(inside).uid;
  writeFileSync(join(directory, "file"), "");
  symlinkSync(inside, join(directory, "link"));
});
afterAll(() => rmSync(directory, { recursive: true }));

describe("a directory of default sockets", () => {
  it("is its owner's own, and root's is everybody's", () => {
    expect(isForeign(join(directory, "inside"), owner)).toBe(false);
    expect(isForeign("/", owner)).toBe(false);
  });

  it("is foreign when another user made it, or when it is no directory", () => {
    expect(isForeign(join(directory, "inside"), owner + 1)).toBe(true);
    expect(isForeign(join(directory, "file"), owner)).toBe(true);
    expect(isForeign(join(directory, "link"), owner)).toBe(true);
  });

  it("is no danger when it is not there", () => {
    expect(isForeign(join(directory, "none"), owner)).toBe(false);
  });
});
