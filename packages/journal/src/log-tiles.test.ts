// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import { logTiles } from "./log-tiles.ts";
import { tilePath } from "./tile.ts";

it("a log consists of the tiles of the standard's example, and of as many bundles as it has tiles of leaf hashes", () => {
  const paths = Array.from(logTiles(70_000), tilePath);
  const of = (folder: string): string[] => paths.filter((path) => path.startsWith(folder));
  expect([of("tile/0/").length, of("tile/1/"), of("tile/2/")]).toEqual([
    274,
    ["tile/1/000", "tile/1/001.p/17"],
    ["tile/2/000.p/1"],
  ]);
  expect(of("tile/0/").at(-1)).toBe("tile/0/273.p/112");
  expect(of("tile/entries/")).toEqual(of("tile/0/").map((path) => path.replace("/0/", "/entries/")));
  expect(paths).toHaveLength(2 * 274 + 2 + 1);
});

it("a log of a full tile has a tile above it; an empty log has none", () => {
  expect(Array.from(logTiles(256), tilePath)).toEqual(["tile/0/000", "tile/1/000.p/1", "tile/entries/000"]);
  expect([...logTiles(0)]).toEqual([]);
});
