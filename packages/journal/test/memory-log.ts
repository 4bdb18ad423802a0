// SPDX-License-Identifier: Apache-2.0
// The linter reads tests without the library that has AsyncDisposable.
/// <reference lib="esnext.disposable" />
import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import {
  createNoteSigner,
  type HashTile,
  type LogBatch,
  type LogClock,
  type LogRecord,
  type LogSource,
  type LogState,
  type LogStore,
  LogWriter,
  logTiles,
  type NoteSigner,
  StoredLog,
  tilePath,
} from "../src/index.ts";

/** A log's store in memory, with faults to order. */
export class MemoryLogStore implements LogStore {
  readonly entries: Uint8Array[] = [];
  readonly tiles = new Map<string, Uint8Array>();
  readonly batches: number[] = [];
  readonly notes: string[] = [];
  /** Taken by the next append: `before` = nothing is written, `after` = all of it is, and nobody hears of it. */
  fault: "before" | "after" | undefined;
  isDown = false;

  load(): Promise<LogState> {
    if (this.isDown) return Promise.reject(new Error("the disk is away"));
    return Promise.resolve({ size: this.entries.length, checkpoint: this.notes.at(-1) });
  }

  async append({ firstIndex, entries, tiles }: LogBatch): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    const fault = this.fault;
    this.fault = undefined;
    if (this.isDown || fault === "before") throw new Error("no space left");
    if (firstIndex !== this.entries.length) throw new Error("there is another writer");
    this.entries.push(...entries.map((entry) => Uint8Array.from(entry)));
    for (const tile of tiles) this.tiles.set(nameOf(tile), Uint8Array.from(tile.hashes));
    this.batches.push(entries.length);
    if (fault === "after") throw new Error("the connection is gone");
  }

  saveCheckpoint(note: string): Promise<void> {
    if (this.isDown) return Promise.reject(new Error("the disk is away"));
    this.notes.push(note);
    return Promise.resolve();
  }

  readTile(level: number, index: number): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.tiles.get(nameOf({ level, index })));
  }

  readEntries(from: number, to: number): Promise<readonly Uint8Array[]> {
    return Promise.resolve(this.entries.slice(from, to));
  }
}

function nameOf({ level, index }: Pick<HashTile, "level" | "index">): string {
  return `${String(level)}/${String(index)}`;
}

/** The machine's timer. */
export const realClock: LogClock = {
  sleep: (ms, signal) => wait(ms, undefined, { signal }),
};

/** A signer with a fresh key. */
export function newSigner(origin = "example.org/log"): NoteSigner {
  return createNoteSigner(origin, generateKeyPairSync("ed25519").privateKey);
}

/** A signer of a known seed. */
export function signerOf(origin: string, seed: Uint8Array): NoteSigner {
  const pkcs8 = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]);
  return createNoteSigner(origin, createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" }));
}

/** A record of a number: all differ. */
export function recordOf(number: number, change: Partial<LogRecord> = {}): LogRecord {
  return {
    v: 1,
    id: `r${String(number)}`,
    kind: "call",
    phase: "event",
    at: new Date(1_790_000_000_000 + number * 10).toISOString(),
    actor: "spiffe://example.org/agent/a",
    body: { number },
    ...change,
  };
}

/** A log of so many records, written by the writer, with its last checkpoint. */
export async function writeLog(
  records: readonly LogRecord[],
  signer: NoteSigner,
  store: MemoryLogStore = new MemoryLogStore(),
): Promise<MemoryLogStore> {
  const writer = await LogWriter.open({ store, signer, clock: realClock });
  await Promise.all(records.map((record) => writer.append(record)));
  await writer[Symbol.asyncDispose]();
  return store;
}

/** A log's resources, each by its path: what an offline verifier is given as files. */
export class Resources extends Map<string, Uint8Array> implements LogSource {
  read(path: string): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.get(path));
  }
}

/** Writes out all resources of a store's log. */
export async function exportLog(store: LogStore): Promise<Resources> {
  const stored = new StoredLog(store);
  const resources = new Resources();
  const put = async (path: string): Promise<void> => {
    const bytes = await stored.read(path);
    if (bytes === undefined) throw new Error(`the log has no ${path}`);
    resources.set(path, Uint8Array.from(bytes));
  };
  const { size } = await store.load();
  await put("checkpoint");
  for (const tile of logTiles(size)) await put(tilePath(tile));
  return resources;
}
