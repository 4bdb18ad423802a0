// SPDX-License-Identifier: Apache-2.0
import { JournalError } from "./errors.ts";
import type { HashTile, TileSource } from "./tile-source.ts";

/** Tiles in memory: 32 bytes for each leaf. */
export class MemoryTiles implements TileSource {
  readonly #tiles = new Map<string, Uint8Array>();

  put(tiles: readonly HashTile[]): void {
    for (const { level, index, hashes } of tiles) this.#tiles.set(`${String(level)}/${String(index)}`, hashes);
  }

  /** @throws {JournalError} TILE_MISSING */
  readTile(level: number, index: number): Uint8Array {
    const tile = this.#tiles.get(`${String(level)}/${String(index)}`);
    if (tile === undefined) throw new JournalError("TILE_MISSING", `no tile ${String(level)}/${String(index)}`);
    return tile;
  }
}
