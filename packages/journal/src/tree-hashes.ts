// SPDX-License-Identifier: Apache-2.0
import { foldHashes, foldPeaks, hashBytes } from "./merkle.ts";
import { parseTile, tileWidth, widthInTree } from "./tile.ts";
import type { TileSource } from "./tile-source.ts";

const tileHeight = 8;

/** Reads hashes over ranges of a tree of one size; each tile is asked for once. */
export class TreeHashes {
  readonly #source: TileSource;
  readonly #size: number;
  readonly #tiles = new Map<string, Uint8Array>();

  constructor(source: TileSource, size: number) {
    this.#source = source;
    this.#size = size;
  }

  /** Hash over the leaves [from, to), a subtree as RFC 6962 §2.1 cuts the tree. @throws {JournalError} TILE_MISSING, TILE_MALFORMED */
  async range(from: number, to: number): Promise<Uint8Array> {
    const peaks: Uint8Array[] = [];
    let at = from;
    while (at < to) {
      const height = peakHeight(at, to);
      peaks.push(await this.#node(height, at));
      at += 2 ** height;
    }
    return foldPeaks(peaks);
  }

  /** The complete subtree of a height that begins at a leaf: folded from the tile level below it. */
  async #node(height: number, from: number): Promise<Uint8Array> {
    const level = Math.floor(height / tileHeight);
    const position = from / tileWidth ** level;
    const index = Math.floor(position / tileWidth);
    const tile = await this.#tile(level, index);
    const start = (position % tileWidth) * hashBytes;
    return foldHashes(tile.subarray(start, start + 2 ** (height % tileHeight) * hashBytes));
  }

  async #tile(level: number, index: number): Promise<Uint8Array> {
    const name = `${String(level)}/${String(index)}`;
    const known = this.#tiles.get(name);
    if (known !== undefined) return known;
    const width = widthInTree(level, index, this.#size);
    const bytes = await this.#source.readTile(level, index, width);
    const tile = parseTile(bytes.subarray(0, width * hashBytes), width);
    this.#tiles.set(name, tile);
    return tile;
  }
}

/** Height of the largest complete subtree that begins at `at` and does not go beyond `to`. */
function peakHeight(at: number, to: number): number {
  let height = 0;
  while (at % 2 ** (height + 1) === 0 && at + 2 ** (height + 1) <= to) height += 1;
  return height;
}
