// SPDX-License-Identifier: Apache-2.0
import { type TilePath, tileWidth, widthInTree } from "./tile.ts";

/**
 * All tiles and bundles of a log of so many records, bundles last: with `checkpoint`, every resource that the log consists of.
 * C2SP tlog-tiles, APIs.
 */
export function* logTiles(size: number): Generator<TilePath> {
  for (let level = 0; tileWidth ** level <= size; level += 1) yield* tilesOf(level, size);
  for (const tile of tilesOf(0, size)) yield { ...tile, level: "entries" };
}

function* tilesOf(level: number, size: number): Generator<TilePath & { readonly level: number }> {
  for (let index = 0; ; index += 1) {
    const width = widthInTree(level, index, size);
    if (width === 0) return;
    yield { level, index, width };
  }
}
