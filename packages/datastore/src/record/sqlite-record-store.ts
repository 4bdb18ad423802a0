// SPDX-License-Identifier: Apache-2.0
import type { LogBatch, LogState } from "@mayfly/journal";
import type { StoreThread } from "../thread/store-thread.ts";
import type { RecordStore } from "./record-store.ts";

const maxEntries = 256;

/** The record behind the database worker: its batches go ahead of other writes, which wait for them, and share commits with those. */
export class SqliteRecordStore implements RecordStore {
  readonly #thread: StoreThread;

  constructor(thread: StoreThread) {
    this.#thread = thread;
  }

  load(): Promise<LogState> {
    return this.#thread.read("record", "state", null);
  }

  async append({ firstIndex, entries, tiles }: LogBatch): Promise<void> {
    // Views into larger buffers would cross to the worker with all of those.
    const batch = {
      firstIndex,
      entries: entries.map((entry) => new Uint8Array(entry)),
      tiles: tiles.map((tile) => ({ ...tile, hashes: new Uint8Array(tile.hashes) })),
    };
    await this.#thread.writeFirst("record", "append", batch);
  }

  async saveCheckpoint(note: string): Promise<void> {
    await this.#thread.write("record", "saveCheckpoint", note);
  }

  readTile(level: number, index: number): Promise<Uint8Array | undefined> {
    return this.#thread.read("record", "tile", { level, index });
  }

  async readEntries(from: number, to: number): Promise<readonly Uint8Array[]> {
    if (to - from > maxEntries) throw new RangeError(`at most ${maxEntries} entries at a time`);
    return this.#thread.read("record", "entries", { from, to });
  }

  find(recordId: string): Promise<readonly number[]> {
    return this.#thread.read("record", "find", recordId);
  }

  ofTask(
    taskId: string,
    page: { readonly from: number; readonly to: number; readonly limit: number },
  ): Promise<readonly number[]> {
    return this.#thread.read("record", "ofTask", { taskId, ...page });
  }
}
