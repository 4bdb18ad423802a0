// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codeOf } from "../test/codes.ts";
import { decodeEntryBundle, encodeEntryBundle, readEntryBundle } from "./entry-bundle.ts";
import { parseTile, parseTilePath, type TilePath, tilePath, widthInTree } from "./tile.ts";

describe("a tile's path", () => {
  it.each<[string, TilePath]>([
    ["tile/0/000", { level: 0, index: 0, width: 256 }],
    ["tile/0/x001/x234/067", { level: 0, index: 1_234_067, width: 256 }],
    ["tile/63/999.p/255", { level: 63, index: 999, width: 255 }],
    ["tile/1/x001/000.p/1", { level: 1, index: 1000, width: 1 }],
    ["tile/entries/x001/x234/067.p/8", { level: "entries", index: 1_234_067, width: 8 }],
    ["tile/entries/x009/x007/x199/x254/x740/991", { level: "entries", index: Number.MAX_SAFE_INTEGER, width: 256 }],
  ])("is %s", (path, tile) => {
    expect(tilePath(tile)).toBe(path);
    expect(parseTilePath(path)).toEqual(tile);
  });

  it.each([
    "",
    "checkpoint",
    "/tile/0/000",
    "tile/00/000",
    "tile/64/000",
    "tile/-1/000",
    "tile/0/0",
    "tile/0/0000",
    "tile/0/x000/001",
    "tile/0/001/000",
    "tile/0/x001",
    "tile/0/000.p/0",
    "tile/0/000.p/01",
    "tile/0/000.p/256",
    "tile/0/000.p/",
    "tile/0/000/../../../etc/passwd",
    "tile/0/000\n",
    "tile/0/x009/x007/x199/x254/x740/992",
    `tile/0/${"x001/".repeat(1000)}000`,
  ])("is not %j", (path) => {
    expect(codeOf(() => parseTilePath(path))).toBe("TILE_MALFORMED");
  });

  it("comes back as it was written", () => {
    const tile = fc.record({
      level: fc.oneof(fc.nat(63), fc.constant("entries" as const)),
      index: fc.oneof(fc.maxSafeNat(), fc.nat(5000)),
      width: fc.integer({ min: 1, max: 256 }),
    });
    fc.assert(
      fc.property(tile, (tile) => {
        expect(parseTilePath(tilePath(tile))).toEqual(tile);
      }),
    );
  });
});

describe("a tile", () => {
  it("has the widths of the standard's example of 70,000 records", () => {
    const widths = [0, 1, 2].map((level) => [0, 1, 272, 273, 274].map((index) => widthInTree(level, index, 70_000)));
    expect(widths).toEqual([
      [256, 256, 256, 112, 0],
      [256, 17, 0, 0, 0],
      [1, 0, 0, 0, 0],
    ]);
    expect([widthInTree(0, 0, 256), widthInTree(0, 1, 256), widthInTree(1, 0, 256)]).toEqual([256, 0, 1]);
  });

  it("is exactly so many hashes", () => {
    expect(parseTile(new Uint8Array(64), 2)).toHaveLength(64);
    for (const length of [0, 63, 65, 96])
      expect(codeOf(() => parseTile(new Uint8Array(length), 2))).toBe("TILE_MALFORMED");
  });
});

describe("a bundle of entries", () => {
  const entries = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 256 });

  it("has each entry after its length", () => {
    expect(Buffer.from(encodeEntryBundle([Buffer.from("a"), Buffer.from("")])).toString("hex")).toBe("0001610000");
    expect(() => encodeEntryBundle([])).toThrow(RangeError);
    expect(() => encodeEntryBundle([new Uint8Array(65_536)])).toThrow(RangeError);
    const [large] = decodeEntryBundle(encodeEntryBundle([new Uint8Array(65_535)]), 1);
    expect(large).toHaveLength(65_535);
  });

  it("comes back as it was written, and not cut, longer or with another count", () => {
    fc.assert(
      fc.property(entries, fc.nat(), (entries, at) => {
        const bytes = encodeEntryBundle(entries);
        expect(decodeEntryBundle(bytes, entries.length).map((entry) => Uint8Array.from(entry))).toEqual(entries);
        const cut = bytes.subarray(0, at % bytes.length);
        expect(codeOf(() => decodeEntryBundle(cut, entries.length))).toBe("TILE_MALFORMED");
        const longer = Buffer.concat([bytes, Buffer.alloc(1)]);
        expect(codeOf(() => decodeEntryBundle(longer, entries.length))).toBe("TILE_MALFORMED");
        expect(codeOf(() => decodeEntryBundle(bytes, entries.length + 1))).toBe("TILE_MALFORMED");
      }),
    );
  });

  it("of any bytes gives its whole entries and what is left", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
        const { entries, left } = readEntryBundle(bytes);
        const read = entries.reduce((sum, { length }) => sum + 2 + length, 0);
        expect(read + left).toBe(bytes.length);
        expect(entries.length).toBeLessThanOrEqual(256);
      }),
    );
  });
});
