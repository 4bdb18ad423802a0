// SPDX-License-Identifier: Apache-2.0
import { encodeEntryBundle } from "./entry-bundle.ts";
import { JournalError } from "./errors.ts";
import type { LogStore } from "./log-store.ts";
import { hashBytes, leafHash } from "./merkle.ts";
import { parseTilePath, tileWidth } from "./tile.ts";
import type { TileSource } from "./tile-source.ts";

/** The static resources of a log, wherever they are. C2SP tlog-tiles, APIs. */
export interface LogSource {
  /** `checkpoint`, or a path as `tilePath` writes it; undefined when there is no such thing. */
  read(path: string): Promise<Uint8Array | undefined>;
}

/** A store as tiles and as the resources of C2SP tlog-tiles: what `mayfly log` writes out and what a proof is made of. */
export class StoredLog implements TileSource, LogSource {
  readonly #store: LogStore;

  constructor(store: LogStore) {
    this.#store = store;
  }

  /** @throws {JournalError} TILE_MISSING */
  async readTile(level: number, index: number, width: number): Promise<Uint8Array> {
    // The last tile of leaf hashes is not stored before it is full.
    const stored =
      (await this.#store.readTile(level, index)) ?? (level === 0 ? await this.#leaves(index, width) : undefined);
    if (stored !== undefined && stored.length >= width * hashBytes) return stored.subarray(0, width * hashBytes);
    throw new JournalError("TILE_MISSING", `the log does not hold tile ${String(level)}/${String(index)}`);
  }

  /** @throws {JournalError} TILE_MALFORMED for a path of no form */
  async read(path: string): Promise<Uint8Array | undefined> {
    if (path === "checkpoint") {
      const { checkpoint } = await this.#store.load();
      return checkpoint === undefined ? undefined : Buffer.from(checkpoint);
    }
    const { level, index, width } = parseTilePath(path);
    if (level === "entries") {
      const entries = await this.#entries(index, width);
      return entries.length === width ? encodeEntryBundle(entries) : undefined;
    }
    try {
      return await this.readTile(level, index, width);
    } catch (error) {
      if (error instanceof JournalError && error.code === "TILE_MISSING") return undefined;
      throw error;
    }
  }

  #entries(index: number, width: number): Promise<readonly Uint8Array[]> {
    return this.#store.readEntries(index * tileWidth, index * tileWidth + width);
  }

  async #leaves(index: number, width: number): Promise<Uint8Array> {
    return Buffer.concat((await this.#entries(index, width)).map(leafHash));
  }
}
