// SPDX-License-Identifier: Apache-2.0
import { JournalError } from "./errors.ts";
import { tileWidth } from "./tile.ts";

/** Largest entry, bytes: its length is written in 16 bits. C2SP tlog-tiles, Log entries. */
const maxEntryBytes = 65_535;

/** 1 to 256 entries, each after its length as u16. C2SP tlog-tiles, Log entries. @throws {RangeError} */
export function encodeEntryBundle(entries: readonly Uint8Array[]): Uint8Array {
  if (entries.length === 0 || entries.length > tileWidth) throw new RangeError("a bundle has 1 to 256 entries");
  return Buffer.concat(
    entries.flatMap((entry) => {
      if (entry.length > maxEntryBytes) throw new RangeError(`an entry of ${String(entry.length)} bytes is too large`);
      return [Uint8Array.of(entry.length >> 8, entry.length & 0xff), entry];
    }),
  );
}

/** What could be read of a bundle. */
export interface ReadBundle {
  /** The whole entries from the beginning, at most 256; views. */
  readonly entries: readonly Uint8Array[];
  /** Bytes behind them: 0 in a sound bundle. */
  readonly left: number;
}

/** Reads entries as far as they go. */
export function readEntryBundle(bytes: Uint8Array): ReadBundle {
  const entries: Uint8Array[] = [];
  let at = 0;
  while (entries.length < tileWidth && at + 2 <= bytes.length) {
    const end = at + 2 + (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0);
    if (end > bytes.length) break;
    entries.push(bytes.subarray(at + 2, end));
    at = end;
  }
  return { entries, left: bytes.length - at };
}

/** Reads a bundle of exactly `width` entries; they are views. @throws {JournalError} TILE_MALFORMED */
export function decodeEntryBundle(bytes: Uint8Array, width: number): readonly Uint8Array[] {
  const { entries, left } = readEntryBundle(bytes);
  if (entries.length === width && left === 0) return entries;
  throw new JournalError("TILE_MALFORMED", `a bundle of ${String(width)} entries is cut, or has more`);
}
