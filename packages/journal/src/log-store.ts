// SPDX-License-Identifier: Apache-2.0
import type { HashTile } from "./tile-source.ts";

/** What is durable of a log. */
export interface LogState {
  /** Entries. */
  readonly size: number;
  /** The last signed checkpoint that was saved. */
  readonly checkpoint?: string | undefined;
}

/** Entries that are made durable together. */
export interface LogBatch {
  /** Index of the first entry: the size that the log has before. */
  readonly firstIndex: number;
  /** 1 or more, in order; each at most 60 KiB. */
  readonly entries: readonly Uint8Array[];
  /** Tiles that grew: each takes the place of the stored one of its level and index. Of level 0 only full ones come. */
  readonly tiles: readonly HashTile[];
}

/** Where a log is kept. All methods reject when they can't do their work; then nothing of it was done, or all. */
export interface LogStore {
  load(): Promise<LogState>;
  /** Resolves when all of the batch is durable. Refuses a batch that does not begin at the log's size: there is one writer. */
  append(batch: LogBatch): Promise<void>;
  /** Keeps the signed checkpoint in the place of the one before. */
  saveCheckpoint(note: string): Promise<void>;
  /** The stored tile, as wide as it was given; undefined when there is none. */
  readTile(level: number, index: number): Promise<Uint8Array | undefined>;
  /** The entries [from, to), fewer when the log ends before; at most 256 are asked for. */
  readEntries(from: number, to: number): Promise<readonly Uint8Array[]>;
}
