// SPDX-License-Identifier: Apache-2.0
import { JournalError } from "./errors.ts";
import { foldHashes, hashBytes } from "./merkle.ts";
import { hashAt, parseTile, tileWidth, widthInTree } from "./tile.ts";
import type { HashTile, TileSource } from "./tile-source.ts";

const tileBytes = tileWidth * hashBytes;

/** The last tile of a level, not full. */
interface EdgeTile {
  readonly bytes: Uint8Array;
  width: number;
}

/**
 * A Merkle tree that grows at its end. It holds the tile at the end of each level (8 KiB each) and asks its source for the others: who
 * appends stores the tiles that `append` gives.
 */
export class MerkleTree implements TileSource {
  readonly #full: TileSource;
  #size: number;
  readonly #edge: EdgeTile[];

  private constructor(full: TileSource, size: number, edge: EdgeTile[]) {
    this.#full = full;
    this.#size = size;
    this.#edge = edge;
  }

  /** The tree of the first `size` leaves in the source. @throws {JournalError} TILE_MISSING, TILE_MALFORMED */
  static async open(source: TileSource, size: number): Promise<MerkleTree> {
    const edge: EdgeTile[] = [];
    for (let level = 0; tileWidth ** level <= size; level += 1) {
      const index = Math.floor(size / tileWidth ** (level + 1));
      const width = widthInTree(level, index, size);
      const bytes = new Uint8Array(tileBytes);
      if (width > 0) {
        const tile = await source.readTile(level, index, width);
        bytes.set(parseTile(tile.subarray(0, width * hashBytes), width));
      }
      edge.push({ bytes, width });
    }
    return new MerkleTree(source, size, edge);
  }

  get size(): number {
    return this.#size;
  }

  /** A copy that grows on its own. */
  fork(): MerkleTree {
    const edge = this.#edge.map(({ bytes, width }) => ({ bytes: Uint8Array.from(bytes), width }));
    return new MerkleTree(this.#full, this.#size, edge);
  }

  /**
   * Adds a leaf's hash. Gives the tiles that grew and have to be stored: of level 0 the one that is full now, of the levels above it
   * those that got a hash. Most leaves give none.
   */
  append(leafHash: Uint8Array): HashTile[] {
    if (leafHash.length !== hashBytes) throw new TypeError(`a hash has ${String(hashBytes)} bytes`);
    const grown: HashTile[] = [];
    const leaf = this.#size;
    this.#size += 1;
    let hash = leafHash;
    for (let level = 0; ; level += 1) {
      const edge = (this.#edge[level] ??= { bytes: new Uint8Array(tileBytes), width: 0 });
      edge.bytes.set(hash, edge.width * hashBytes);
      edge.width += 1;
      const isFull = edge.width === tileWidth;
      const hashes = edge.bytes.subarray(0, edge.width * hashBytes);
      if (level > 0 || isFull) grown.push({ level, index: Math.floor(leaf / tileWidth ** (level + 1)), hashes });
      if (!isFull) return grown;
      hash = foldHashes(hashes);
      // What was given away is not written to any more.
      this.#edge[level] = { bytes: new Uint8Array(tileBytes), width: 0 };
    }
  }

  /** From the end of the tree, else from the source. @throws {JournalError} TILE_MISSING */
  readTile(level: number, index: number, width: number): Uint8Array | Promise<Uint8Array> {
    if (width > widthInTree(level, index, this.#size)) {
      throw new JournalError("TILE_MISSING", `there is no tile ${String(level)}/${String(index)} of that width yet`);
    }
    const edge = this.#edge[level];
    if (edge !== undefined && index === Math.floor(this.#size / tileWidth ** (level + 1))) {
      return edge.bytes.subarray(0, width * hashBytes);
    }
    return this.#full.readTile(level, index, width);
  }

  /** The hash at a place of a level of tiles, when it is in the tree. */
  async hashAt(level: number, position: number): Promise<Uint8Array | undefined> {
    if (position >= Math.floor(this.#size / tileWidth ** level)) return undefined;
    const index = Math.floor(position / tileWidth);
    const tile = await this.readTile(level, index, widthInTree(level, index, this.#size));
    return hashAt(tile, position % tileWidth);
  }
}
