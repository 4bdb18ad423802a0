// SPDX-License-Identifier: Apache-2.0
import type { AuthenticTiles } from "./authentic-tiles.ts";
import type { LogProblem, LogProblemCode } from "./log-problem.ts";
import type { MerkleTree } from "./merkle-tree.ts";
import { hashAt, tileWidth, widthInTree } from "./tile.ts";

/** The tree of the records as they were found, and the hashes that were signed. */
export interface Compared {
  readonly found: MerkleTree;
  readonly signed: AuthenticTiles;
  /** Signed size. */
  readonly size: number;
}

/** The first record that is not the signed one; it is among `count`, which is 1 where the tile over it is authentic. */
interface Difference {
  readonly index: number;
  readonly count: number;
}

/** Finds the first record that differs from what was signed, and says what happened to it. */
export async function locateDifference(compared: Compared): Promise<LogProblem> {
  const at = await firstDifference(compared);
  if (at === undefined) return { code: "ROOT_MISMATCH", message: "neither records nor tiles lead to the signed root" };
  const { index, count } = at;
  if (count > 1) {
    const message = `a record from ${String(index)} to ${String(index + count - 1)} is not the signed one; the tile over it isn't either`;
    return { code: "RECORD_CHANGED", index, message };
  }
  const code = await whatHappened(compared, index);
  return { code, index, message: `record ${String(index)} ${sentences[code] ?? "is not the signed one"}` };
}

const sentences: Partial<Record<LogProblemCode, string>> = {
  TRUNCATED: "and what follows it are not there",
  RECORD_DROPPED: "was taken out",
  RECORD_INSERTED: "was put in",
  RECORD_REORDERED: "is not in its place",
};

/** Right edge from the highest level down: what a level's last tile covers lies before what the one below it covers. */
async function firstDifference(compared: Compared): Promise<Difference | undefined> {
  const { size } = compared;
  let level = 0;
  while (tileWidth ** (level + 1) <= size) level += 1;
  for (; level >= 0; level -= 1) {
    const index = Math.floor(size / tileWidth ** (level + 1));
    if (widthInTree(level, index, size) === 0) continue;
    const position = await differenceInTile(compared, level, index);
    if (position === "unknown") return undefined;
    if (position !== undefined) return descend(compared, level, position);
  }
  return undefined;
}

/** The place of the first hash that differs in a tile; undefined = none; `unknown` = the tile is not authentic. */
async function differenceInTile(
  { found, signed, size }: Compared,
  level: number,
  index: number,
): Promise<number | undefined | "unknown"> {
  const tile = await signed.tile(level, index);
  if (tile === undefined) return "unknown";
  const width = widthInTree(level, index, size);
  for (let at = 0; at < width; at += 1) {
    const hash = await found.hashAt(level, index * tileWidth + at);
    if (hash === undefined || Buffer.compare(hash, hashAt(tile, at)) !== 0) return index * tileWidth + at;
  }
  return undefined;
}

async function descend(compared: Compared, level: number, position: number): Promise<Difference> {
  if (level === 0) return { index: position, count: 1 };
  const next = await differenceInTile(compared, level - 1, position);
  if (typeof next === "number") return descend(compared, level - 1, next);
  return { index: position * tileWidth ** level, count: tileWidth ** level };
}

async function whatHappened({ found, signed }: Compared, index: number): Promise<LogProblemCode> {
  const here = await found.hashAt(0, index);
  if (here === undefined) return "TRUNCATED";
  const next = await found.hashAt(0, index + 1);
  const expected = await signedLeaf(signed, index);
  const expectedNext = await signedLeaf(signed, index + 1);
  const isLate = same(next, expected);
  const isEarly = same(here, expectedNext);
  if (isLate && isEarly) return "RECORD_REORDERED";
  // What follows a record doubled at the very end stands behind it, where nothing is read.
  const isDoubled = index > 0 && same(here, await signedLeaf(signed, index - 1));
  if (isLate || isDoubled) return "RECORD_INSERTED";
  if (isEarly) return "RECORD_DROPPED";
  return (await isElsewhere(signed, index, here)) ? "RECORD_REORDERED" : "RECORD_CHANGED";
}

/** Whether a record that does not belong here is one of its tile. */
async function isElsewhere(signed: AuthenticTiles, index: number, hash: Uint8Array): Promise<boolean> {
  const tile = (await signed.tile(0, Math.floor(index / tileWidth))) ?? new Uint8Array();
  for (let at = 0; hashAt(tile, at).length > 0; at += 1) if (same(hash, hashAt(tile, at))) return true;
  return false;
}

async function signedLeaf(signed: AuthenticTiles, index: number): Promise<Uint8Array | undefined> {
  const tile = await signed.tile(0, Math.floor(index / tileWidth));
  const hash = tile === undefined ? undefined : hashAt(tile, index % tileWidth);
  return hash?.length === 0 ? undefined : hash;
}

function same(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  return one !== undefined && other !== undefined && Buffer.compare(one, other) === 0;
}
