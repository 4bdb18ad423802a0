// SPDX-License-Identifier: Apache-2.0
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  decodeEntryBundle,
  encodeEntryBundle,
  type LogRecord,
  type NoteSigner,
  parseCheckpoint,
  parseNote,
  parseRecord,
  tilePath,
  tileWidth,
} from "@mayfly/journal";
import { exportLog, writeLog } from "../../../packages/journal/test/memory-log.ts";

/** How many entries a directory's checkpoint signs. */
export function signedSize(directory: string): number {
  return parseCheckpoint(parseNote(readFileSync(join(directory, "checkpoint"))).text).size;
}

function bundles(size: number): { readonly path: string; readonly width: number }[] {
  return Array.from({ length: Math.ceil(size / tileWidth) }, (_, index) => {
    const width = Math.min(tileWidth, size - index * tileWidth);
    return { path: tilePath({ level: "entries", index, width }), width };
  });
}

/** All entries of an exported log. */
export function readEntries(directory: string): Uint8Array[] {
  return bundles(signedSize(directory)).flatMap(({ path, width }) => [
    ...decodeEntryBundle(readFileSync(join(directory, path)), width),
  ]);
}

/** A copy of an exported log with other entries: tiles and checkpoint stay as they were signed. */
export function withEntries(from: string, to: string, entries: readonly Uint8Array[]): string {
  cpSync(from, to, { recursive: true });
  const all = bundles(signedSize(from));
  for (const [number, { path }] of all.entries()) {
    const end = number === all.length - 1 ? entries.length : (number + 1) * tileWidth;
    writeFileSync(join(to, path), encodeEntryBundle(entries.slice(number * tileWidth, end)));
  }
  return to;
}

/** A log of these records, written and signed anew. */
export async function signedAnew(records: readonly LogRecord[], to: string, signer: NoteSigner): Promise<string> {
  rmSync(to, { recursive: true, force: true });
  for (const [path, bytes] of await exportLog(await writeLog(records, signer))) {
    mkdirSync(dirname(join(to, path)), { recursive: true });
    writeFileSync(join(to, path), bytes);
  }
  return to;
}

/** The entries as records. */
export function readRecords(directory: string): LogRecord[] {
  return readEntries(directory).map(parseRecord);
}
