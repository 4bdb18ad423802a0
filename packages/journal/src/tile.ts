// SPDX-License-Identifier: Apache-2.0
import { JournalError } from "./errors.ts";
import { hashBytes } from "./merkle.ts";
import { fromDecimal } from "./text-encoding.ts";

/** Hashes of a full tile, records of a full bundle. C2SP tlog-tiles, Merkle Tree. */
export const tileWidth = 256;

/** A static resource of a log: a tile of hashes, or a bundle of records. C2SP tlog-tiles, APIs. */
export interface TilePath {
  /** Level of the tile, 0 to 63; `entries` = a bundle of records. */
  readonly level: number | "entries";
  readonly index: number;
  /** 1 to 256; 256 = full. */
  readonly width: number;
}

const pathForm = /^tile\/(entries|0|[1-9][0-9]?)\/((?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/;
const maxLevel = 63;

/** Where the resource is, below the log's prefix: `tile/0/x001/x234/067.p/5`. C2SP tlog-tiles. @throws {RangeError} */
export function tilePath({ level, index, width }: TilePath): string {
  if (level !== "entries" && !(Number.isInteger(level) && level >= 0 && level <= maxLevel)) {
    throw new RangeError(`a tile's level is 0 to ${String(maxLevel)}`);
  }
  if (!Number.isSafeInteger(index) || index < 0) throw new RangeError("a tile's index is a whole number from 0 on");
  if (!Number.isInteger(width) || width < 1 || width > tileWidth) throw new RangeError("a tile has 1 to 256 hashes");
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, "0").match(/.{3}/g) ?? [];
  const partial = width === tileWidth ? "" : `.p/${String(width)}`;
  const place = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join("/");
  return `tile/${String(level)}/${place}${partial}`;
}

/** Reads what `tilePath` writes, and nothing else. @throws {JournalError} TILE_MALFORMED */
export function parseTilePath(path: string): TilePath {
  const [, levelText, indexText, widthText] = pathForm.exec(path.slice(0, 64)) ?? [];
  const level = levelText === "entries" ? levelText : (fromDecimal(levelText ?? "") ?? maxLevel + 1);
  const index = Number(indexText?.replaceAll(/[x/]/g, ""));
  const width = fromDecimal(widthText ?? String(tileWidth)) ?? 0;
  const inRange = (level === "entries" || level <= maxLevel) && Number.isSafeInteger(index) && width <= tileWidth;
  if (!inRange || tilePath({ level, index, width }) !== path) {
    throw new JournalError("TILE_MALFORMED", "not the path of a tile");
  }
  return { level, index, width };
}

/** How many hashes a tile has in a tree of this size; 0 = there is no such tile. C2SP tlog-tiles, Partial Tiles. */
export function widthInTree(level: number, index: number, size: number): number {
  const hashes = Math.floor(size / tileWidth ** level);
  return Math.max(0, Math.min(tileWidth, hashes - index * tileWidth));
}

/** The bytes as a tile of exactly so many hashes. @throws {JournalError} TILE_MALFORMED */
export function parseTile(bytes: Uint8Array, width: number): Uint8Array {
  if (bytes.length === width * hashBytes) return bytes;
  throw new JournalError("TILE_MALFORMED", `a tile of ${String(width)} hashes has ${String(bytes.length)} bytes`);
}

/** One hash of a tile, 32 bytes; a view. */
export function hashAt(tile: Uint8Array, position: number): Uint8Array {
  return tile.subarray(position * hashBytes, (position + 1) * hashBytes);
}
