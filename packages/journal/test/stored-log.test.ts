// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { StoredLog, tilePath } from "../src/index.ts";
import { rejectionOf } from "./codes.ts";
import { MemoryLogStore, newSigner, recordOf, writeLog } from "./memory-log.ts";

const store = await writeLog(
  Array.from({ length: 700 }, (_, number) => recordOf(number)),
  newSigner(),
);
const log = new StoredLog(store);

describe("a stored log as static resources", () => {
  it("has every tile and bundle of its size, and of any size before", async () => {
    const widths = [
      [0, 1, 256, 8192],
      [0, 1, 255, 8160],
      [0, 2, 188, 6016],
      [0, 2, 7, 224],
      [1, 0, 2, 64],
      [1, 0, 1, 32],
    ] as const;
    for (const [level, index, width, bytes] of widths) {
      expect(await log.read(tilePath({ level, index, width }))).toHaveLength(bytes);
    }
    const whole = Buffer.from((await log.read("tile/entries/002.p/188")) ?? []);
    const part = (await log.read("tile/entries/002.p/7")) ?? new Uint8Array();
    expect(whole.subarray(0, part.length).equals(part)).toBe(true);
  });

  it("has none that its records don't fill", async () => {
    for (const path of ["tile/0/002", "tile/0/002.p/189", "tile/0/003.p/1", "tile/1/000.p/3", "tile/2/000.p/1"]) {
      expect(await log.read(path)).toBeUndefined();
    }
    for (const path of ["tile/entries/002", "tile/entries/002.p/189", "tile/entries/003.p/1"]) {
      expect(await log.read(path)).toBeUndefined();
    }
    expect(await new StoredLog(new MemoryLogStore()).read("checkpoint")).toBeUndefined();
    expect(await rejectionOf(log.readTile(1, 0, 3))).toBe("TILE_MISSING");
  });

  it("does not read what is no path of a log", async () => {
    for (const path of ["", "../secret", "tile/0/002/..", "tile/0/2"]) {
      expect(await rejectionOf(log.read(path))).toBe("TILE_MALFORMED");
    }
  });
});
