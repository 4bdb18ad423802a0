// SPDX-License-Identifier: Apache-2.0

/** Where a tree's hashes are. */
export interface TileSource {
  /**
   * At least the first `width` (1 to 256) hashes of a tile, 32 bytes each. Asked only for what a tree of the caller's size has.
   * C2SP tlog-tiles, Merkle Tree.
   * @throws {JournalError} TILE_MISSING when it isn't there
   */
  readTile(level: number, index: number, width: number): Uint8Array | Promise<Uint8Array>;
}

/** Hashes of a tile, full or partial. */
export interface HashTile {
  /** 0 = leaf hashes; above, each hash is the root of a full tile below. */
  readonly level: number;
  readonly index: number;
  /** 1 to 256 hashes, 32 bytes each. */
  readonly hashes: Uint8Array;
}
