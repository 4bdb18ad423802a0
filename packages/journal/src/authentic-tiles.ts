// SPDX-License-Identifier: Apache-2.0
import type { Checkpoint } from "./checkpoint.ts";
import { JournalError } from "./errors.ts";
import { foldHashes, hashBytes } from "./merkle.ts";
import { MerkleTree } from "./merkle-tree.ts";
import { rootAt } from "./proof.ts";
import type { LogSource } from "./stored-log.ts";
import { hashAt, parseTile, tilePath, tileWidth, widthInTree } from "./tile.ts";
import type { TileSource } from "./tile-source.ts";

/** Tiles of a log that are not trusted: any may be wrong. */
class SourceTiles implements TileSource {
  readonly #source: LogSource;

  constructor(source: LogSource) {
    this.#source = source;
  }

  async readTile(level: number, index: number, width: number): Promise<Uint8Array> {
    const bytes = await this.#source.read(tilePath({ level, index, width }));
    if (bytes === undefined) {
      throw new JournalError("TILE_MISSING", `the log does not hold tile ${String(level)}/${String(index)}`);
    }
    return parseTile(bytes, width);
  }
}

/** Tiles of a log that lead to its signed root; others are not given. Each is checked against the hash of it in the level above. */
export class AuthenticTiles {
  readonly #tiles: SourceTiles;
  readonly #size: number;
  /** The ends of the levels, when they lead to the root. */
  readonly #edge: MerkleTree | undefined;
  readonly #last = new Map<number, { readonly index: number; readonly tile: Uint8Array | undefined }>();

  private constructor(tiles: SourceTiles, size: number, edge: MerkleTree | undefined) {
    this.#tiles = tiles;
    this.#size = size;
    this.#edge = edge;
  }

  static async open(source: LogSource, { size, root }: Checkpoint): Promise<AuthenticTiles> {
    const tiles = new SourceTiles(source);
    const edge = await orUndefined(MerkleTree.open(tiles, size));
    const leads = edge !== undefined && Buffer.compare(await rootAt(edge, size), root) === 0;
    return new AuthenticTiles(tiles, size, leads ? edge : undefined);
  }

  /** Hashes of a tile, as many as it has in the log; undefined when it is not there, not authentic, or nothing vouches for it. */
  async tile(level: number, index: number): Promise<Uint8Array | undefined> {
    const last = this.#last.get(level);
    if (last?.index === index) return last.tile;
    const tile = await this.#read(level, index);
    this.#last.set(level, { index, tile });
    return tile;
  }

  async #read(level: number, index: number): Promise<Uint8Array | undefined> {
    const width = widthInTree(level, index, this.#size);
    if (this.#edge === undefined || width === 0) return undefined;
    if (width < tileWidth) return this.#edge.readTile(level, index, width);
    const above = await this.tile(level + 1, Math.floor(index / tileWidth));
    const bytes = await orUndefined(this.#tiles.readTile(level, index, width));
    if (above === undefined || bytes?.length !== width * hashBytes) return undefined;
    return Buffer.compare(foldHashes(bytes), hashAt(above, index % tileWidth)) === 0 ? bytes : undefined;
  }
}

/** What a journal's own error stands for is a finding, not the end of the check. */
async function orUndefined<T>(value: Promise<T>): Promise<T | undefined> {
  try {
    return await value;
  } catch (error) {
    if (error instanceof JournalError) return undefined;
    throw error;
  }
}
