// SPDX-License-Identifier: Apache-2.0
import {
  encodeEntryBundle,
  leafHash,
  type LogRecord,
  type LogSource,
  MerkleTree,
  parseRecord,
  parseTilePath,
  tileWidth,
} from "@mayfly/journal";
import { mayflyRecordsService, type RpcChannel } from "@mayfly/rpc";

/** A log as it comes out of the server: nothing but checkpoint and entries, in order; tiles are made of them. */
export class ExportedLog implements LogSource {
  readonly checkpoint: string;
  readonly vkey: string;
  readonly entries: readonly Uint8Array[];

  private constructor(checkpoint: string, vkey: string, entries: readonly Uint8Array[]) {
    this.checkpoint = checkpoint;
    this.vkey = vkey;
    this.entries = entries;
  }

  static async from(admin: RpcChannel): Promise<ExportedLog> {
    const { checkpoint, vkey } = await admin.unary(mayflyRecordsService.methods.GetCheckpoint, {});
    const size = Number(checkpoint.split("\n")[1]);
    const entries: Uint8Array[] = [];
    const request = { to: String(size) };
    for await (const { records } of admin.serverStream(mayflyRecordsService.methods.ExportRecords, request)) {
      entries.push(...records);
    }
    return new ExportedLog(checkpoint, vkey, entries);
  }

  get records(): readonly LogRecord[] {
    return this.entries.map(parseRecord);
  }

  async read(path: string): Promise<Uint8Array | undefined> {
    if (path === "checkpoint") return Buffer.from(this.checkpoint);
    const { level, index, width } = parseTilePath(path);
    if (level === "entries") {
      return encodeEntryBundle(this.entries.slice(index * tileWidth, index * tileWidth + width));
    }
    const tiles = new Map<string, Uint8Array>();
    const key = (l: number, i: number): string => `${String(l)}/${String(i)}`;
    const source = { readTile: (l: number, i: number) => tiles.get(key(l, i)) ?? new Uint8Array() };
    const tree = await MerkleTree.open(source, 0);
    for (const entry of this.entries) {
      for (const tile of tree.append(leafHash(entry)))
        tiles.set(key(tile.level, tile.index), Uint8Array.from(tile.hashes));
    }
    return await tree.readTile(level, index, width);
  }
}

/** Of the allowed calls those whose end nobody recorded, by plain counting: shares no code with the writer or the verifier. */
export function unfinished(entries: readonly Uint8Array[]): readonly string[] {
  const open = new Map<string, string>();
  for (const entry of entries) {
    const { id, phase, kind, decision } = JSON.parse(Buffer.from(entry).toString("utf8")) as {
      [name in "id" | "phase" | "kind" | "decision"]: string;
    };
    if (phase === "intent" && decision === "allow") open.set(id, kind);
    if (phase === "outcome") open.delete(id);
  }
  return [...open.keys()];
}
