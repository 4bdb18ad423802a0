// SPDX-License-Identifier: Apache-2.0
import { readEntryBundle } from "./entry-bundle.ts";
import type { LogProblem } from "./log-problem.ts";
import { MemoryTiles } from "./memory-tiles.ts";
import { leafHash } from "./merkle.ts";
import { MerkleTree } from "./merkle-tree.ts";
import type { RecordSequence } from "./record-sequence.ts";
import type { LogSource } from "./stored-log.ts";
import { tilePath, tileWidth, widthInTree } from "./tile.ts";

/** The records of a log as its bundles have them, up to the first that is missing. */
export interface FoundRecords {
  /** Over them. */
  readonly tree: MerkleTree;
  /** Bytes that belong to no record of the log. */
  readonly problems: readonly LogProblem[];
}

/** Reads the bundles of a log of a signed size in order. Ends at the first that is missing or short. */
export async function readRecords(
  source: LogSource,
  size: number,
  sequence: RecordSequence,
  signal: AbortSignal | undefined,
): Promise<FoundRecords> {
  const full = new MemoryTiles();
  const tree = await MerkleTree.open(full, 0);
  const problems: LogProblem[] = [];
  for (let index = 0; tree.size < size; index += 1) {
    signal?.throwIfAborted();
    const width = widthInTree(0, index, size);
    const bytes = (await source.read(tilePath({ level: "entries", index, width }))) ?? new Uint8Array();
    const { entries, left } = readEntryBundle(bytes);
    for (const entry of entries.slice(0, width)) {
      sequence.add(entry, tree.size);
      full.put(tree.append(leafHash(entry)));
    }
    if (entries.length < width) break;
    if (entries.length > width || left > 0) {
      const message = `there is something behind record ${String(tree.size - 1)} in its bundle`;
      problems.push({ code: "RECORD_INSERTED", index: index * tileWidth + width, message });
    }
  }
  return { tree, problems };
}
