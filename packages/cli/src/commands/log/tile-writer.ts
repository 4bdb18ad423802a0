// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";
import { encodeEntryBundle, leafHash, tilePath, tileWidth, treeRoot } from "@mayfly/journal";
import { writeOne } from "../../files.ts";

interface OpenTile {
  index: number;
  hashes: Uint8Array[];
}

/** Writes a log's tiles and bundles as its entries come, in the layout of C2SP tlog-tiles. Holds what is not full yet. */
export class TileWriter {
  readonly #directory: string;
  readonly #levels: OpenTile[] = [];
  #bundle: Uint8Array[] = [];
  #size = 0;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Entries so far. */
  get size(): number {
    return this.#size;
  }

  append(entry: Uint8Array): void {
    this.#bundle.push(entry);
    this.#size += 1;
    this.#addHash(0, leafHash(entry));
    if (this.#bundle.length < tileWidth) return;
    this.#writeBundle();
    this.#bundle = [];
  }

  /** Writes what is partly full. */
  finish(): void {
    if (this.#bundle.length > 0) this.#writeBundle();
    for (const [level, { index, hashes }] of this.#levels.entries())
      if (hashes.length > 0) this.#write(tilePath({ level, index, width: hashes.length }), Buffer.concat(hashes));
  }

  /** A hash of level n + 1 is the root of a full tile of level n. C2SP tlog-tiles, Merkle Tree. */
  #addHash(level: number, hash: Uint8Array): void {
    const tile = (this.#levels[level] ??= { index: 0, hashes: [] });
    tile.hashes.push(hash);
    if (tile.hashes.length < tileWidth) return;
    this.#write(tilePath({ level, index: tile.index, width: tileWidth }), Buffer.concat(tile.hashes));
    const root = treeRoot(tile.hashes);
    tile.index += 1;
    tile.hashes = [];
    this.#addHash(level + 1, root);
  }

  #writeBundle(): void {
    const index = Math.ceil(this.#size / tileWidth) - 1;
    const path = tilePath({ level: "entries", index, width: this.#bundle.length });
    this.#write(path, encodeEntryBundle(this.#bundle));
  }

  #write(path: string, content: Uint8Array): void {
    writeOne(join(this.#directory, path), content, "public");
  }
}
