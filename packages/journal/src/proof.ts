// SPDX-License-Identifier: Apache-2.0
import type { TileSource } from "./tile-source.ts";
import { TreeHashes } from "./tree-hashes.ts";

type Range = readonly [from: number, to: number];

/** Root of the first `size` leaves, 32 bytes. RFC 6962 §2.1. @throws {JournalError} TILE_MISSING, TILE_MALFORMED */
export function rootAt(tiles: TileSource, size: number): Promise<Uint8Array> {
  if (!Number.isSafeInteger(size) || size < 0) throw new RangeError("a size is a whole number from 0 on");
  return new TreeHashes(tiles, size).range(0, size);
}

/**
 * Proof that a leaf is in the tree of the first `size` leaves: hashes from the leaf's sibling up. RFC 9162 §2.1.3.1.
 * @throws {RangeError} for an index outside the tree
 * @throws {JournalError} TILE_MISSING, TILE_MALFORMED
 */
export async function inclusionProof(tiles: TileSource, index: number, size: number): Promise<Uint8Array[]> {
  if (!Number.isSafeInteger(size) || !Number.isInteger(index) || index < 0 || index >= size) {
    throw new RangeError(`there is no record ${String(index)} in ${String(size)}`);
  }
  const siblings: Range[] = [];
  let [from, to] = [0, size];
  while (to - from > 1) {
    const middle = from + splitOf(to - from);
    const inLeft = index < middle;
    siblings.unshift(inLeft ? [middle, to] : [from, middle]);
    [from, to] = inLeft ? [from, middle] : [middle, to];
  }
  return readRanges(tiles, size, siblings);
}

/**
 * Proof that the tree of `to` leaves continues that of `from`. RFC 9162 §2.1.4.1.
 * @throws {RangeError} unless 0 <= from <= to
 * @throws {JournalError} TILE_MISSING, TILE_MALFORMED
 */
export async function consistencyProof(tiles: TileSource, from: number, to: number): Promise<Uint8Array[]> {
  if (!Number.isSafeInteger(to) || !Number.isInteger(from) || from < 0 || from > to) {
    throw new RangeError(`a log of ${String(to)} records can't continue one of ${String(from)}`);
  }
  if (from === 0 || from === to) return [];
  const ranges: Range[] = [];
  let [start, end] = [0, to];
  while (end !== from) {
    const middle = start + splitOf(end - start);
    const inLeft = from <= middle;
    ranges.unshift(inLeft ? [middle, end] : [start, middle]);
    [start, end] = inLeft ? [start, middle] : [middle, end];
  }
  // The verifier knows the old root itself when the old tree is a complete subtree at the left edge.
  if (start > 0) ranges.unshift([start, end]);
  return readRanges(tiles, to, ranges);
}

/** Largest power of two below n, n > 1. RFC 6962 §2.1. */
function splitOf(n: number): number {
  let split = 1;
  while (split * 2 < n) split *= 2;
  return split;
}

async function readRanges(tiles: TileSource, size: number, ranges: readonly Range[]): Promise<Uint8Array[]> {
  const tree = new TreeHashes(tiles, size);
  const hashes: Uint8Array[] = [];
  for (const [from, to] of ranges) hashes.push(await tree.range(from, to));
  return hashes;
}
