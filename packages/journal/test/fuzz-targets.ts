// SPDX-License-Identifier: Apache-2.0
import type { FuzzTarget } from "@mayfly/testkit";
import {
  decodeEntryBundle,
  encodeEntryBundle,
  encodeRecord,
  formatCheckpoint,
  formatNote,
  formatReceipt,
  JournalError,
  NoteKey,
  parseCheckpoint,
  parseNote,
  parseReceipt,
  parseRecord,
  parseTile,
  parseTilePath,
  tilePath,
  verifyCheckpoint,
  verifyLog,
  verifyReceipt,
} from "../src/index.ts";
import { openSeeds } from "./seeds.ts";

/** What is accepted has one form. */
function assertSame(bytes: Uint8Array, again: Uint8Array | string): void {
  if (!Buffer.from(bytes).equals(Buffer.from(again))) throw new Error("what was read is not written back the same");
}

/** No change of something signed is accepted: not even one of form. */
function assertSigned(bytes: Uint8Array, known: readonly Uint8Array[]): void {
  if (!known.some((seed) => Buffer.from(seed).equals(bytes))) throw new Error("a changed text was believed");
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString();
}

const { vkey, inputs } = await openSeeds();
const words = ["\n", "\n\n", '"', "\\ud800", "[", "{", "0", "-", "\u2014 ", "=", "\0"].map((word) => Buffer.from(word));
const [signed = new Uint8Array()] = inputs.note;

/** A parser, with what holds of its result. */
const parsers: Readonly<Record<keyof typeof inputs, FuzzTarget["run"]>> = {
  note: (bytes) => {
    assertSame(bytes, formatNote(parseNote(bytes)));
    verifyCheckpoint(bytes, [NoteKey.parse(vkey)]);
    // Signatures by strangers may come and go; what is signed may not.
    assertSame(Buffer.from(parseNote(bytes).text), parseNote(signed).text);
  },
  key: (bytes) => assertSame(bytes, NoteKey.parse(textOf(bytes)).toString()),
  checkpoint: (bytes) => {
    const text = textOf(bytes);
    assertSame(Buffer.from(text), formatCheckpoint(parseCheckpoint(text)));
  },
  receipt: (bytes) => {
    assertSame(bytes, formatReceipt(parseReceipt(bytes)));
    const { record } = verifyReceipt(bytes, vkey);
    const known = inputs.receipt.map((seed) => verifyReceipt(seed, vkey).record);
    assertSigned(encodeRecord(record), known.map(encodeRecord));
  },
  record: (bytes) => assertSame(bytes, encodeRecord(parseRecord(bytes))),
  path: (bytes) => {
    const path = textOf(bytes);
    assertSame(Buffer.from(path), tilePath(parseTilePath(path)));
  },
  bundle: (bytes) => assertSame(bytes, encodeEntryBundle(decodeEntryBundle(bytes, 3))),
  tile: (bytes) => parseTile(bytes, 44),
  log: async (bytes) => {
    // Every resource but the checkpoint is the input.
    const source = { read: (path: string) => Promise.resolve(path === "checkpoint" ? signed : bytes) };
    const { problems } = await verifyLog(source, { vkey });
    if (problems.length === 0) throw new Error("a log of nonsense was believed");
    await verifyLog({ read: () => Promise.resolve(bytes) }, { vkey });
  },
};

/** Parsers of untrusted bytes, by name. */
export const targets: Readonly<Record<string, FuzzTarget>> = Object.fromEntries(
  Object.entries(parsers).map(([name, run]) => [
    name,
    { seeds: inputs[name as keyof typeof inputs], words, error: JournalError, run },
  ]),
);
