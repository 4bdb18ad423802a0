// SPDX-License-Identifier: Apache-2.0
import type { LogProblem } from "./log-problem.ts";
import { logTiles } from "./log-tiles.ts";
import type { MerkleTree } from "./merkle-tree.ts";
import type { LogSource } from "./stored-log.ts";
import { tilePath, tileWidth } from "./tile.ts";

/** Tiles of a source that are not those of the tree; the index is that of the first record below the tile. */
export async function compareTiles(source: LogSource, tree: MerkleTree): Promise<LogProblem[]> {
  const problems: LogProblem[] = [];
  for (const { level, index, width } of logTiles(tree.size)) {
    if (level === "entries") break;
    const path = tilePath({ level, index, width });
    const [bytes, expected] = [await source.read(path), await tree.readTile(level, index, width)];
    const first = index * tileWidth ** (level + 1);
    if (bytes === undefined) problems.push({ code: "TILE_MISSING", index: first, message: `${path} is not there` });
    else if (Buffer.compare(bytes, expected) !== 0) {
      problems.push({ code: "TILE_CHANGED", index: first, message: `${path} is not the hashes of its records` });
    }
  }
  return problems;
}
