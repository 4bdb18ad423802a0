// SPDX-License-Identifier: Apache-2.0
// Fuzzes every parser for some seconds: node --conditions=@mayfly/source packages/journal/test/fuzz.ts [seconds] [seed]
// It prints what it did as one line, or the input that broke a parser, and then ends with 1.
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
import { mutate, openSeeds, type Seeds } from "./seeds.ts";

type Target = (bytes: Uint8Array, seeds: Seeds) => unknown;

/** What is accepted has one form. */
function assertSame(bytes: Uint8Array, again: Uint8Array | string): void {
  if (!Buffer.from(bytes).equals(Buffer.from(again))) throw new Error("what was read is not written back the same");
}

/** No change of something signed is accepted: not even one of form. */
function assertSigned(bytes: Uint8Array, known: readonly Uint8Array[] | undefined): void {
  if (known?.some((seed) => Buffer.from(seed).equals(bytes)) !== true) throw new Error("a changed text was believed");
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString();
}

/** What each parser of untrusted bytes is, with what holds of its result. */
export const targets: Readonly<Record<string, Target>> = {
  note: (bytes, { vkey, inputs }) => {
    assertSame(bytes, formatNote(parseNote(bytes)));
    verifyCheckpoint(bytes, [NoteKey.parse(vkey)]);
    // Signatures by strangers may come and go; what is signed may not.
    const [signed] = inputs["note"] ?? [];
    assertSame(Buffer.from(parseNote(bytes).text), parseNote(signed ?? new Uint8Array()).text);
  },
  key: (bytes) => assertSame(bytes, NoteKey.parse(textOf(bytes)).toString()),
  checkpoint: (bytes) => {
    const text = textOf(bytes);
    assertSame(Buffer.from(text), formatCheckpoint(parseCheckpoint(text)));
  },
  receipt: (bytes, { vkey, inputs }) => {
    assertSame(bytes, formatReceipt(parseReceipt(bytes)));
    const { record } = verifyReceipt(bytes, vkey);
    const known = (inputs["receipt"] ?? []).map((seed) => verifyReceipt(seed, vkey).record);
    assertSigned(encodeRecord(record), known.map(encodeRecord));
  },
  record: (bytes) => assertSame(bytes, encodeRecord(parseRecord(bytes))),
  path: (bytes) => {
    const path = textOf(bytes);
    assertSame(Buffer.from(path), tilePath(parseTilePath(path)));
  },
  bundle: (bytes) => assertSame(bytes, encodeEntryBundle(decodeEntryBundle(bytes, 3))),
  tile: (bytes) => parseTile(bytes, 44),
  log: async (bytes, { vkey, inputs }) => {
    // Every resource but the checkpoint is the input.
    const [note = bytes] = inputs["note"] ?? [];
    const source = { read: (path: string) => Promise.resolve(path === "checkpoint" ? note : bytes) };
    const { problems } = await verifyLog(source, { vkey });
    if (problems.length === 0) throw new Error("a log of nonsense was believed");
    await verifyLog({ read: () => Promise.resolve(bytes) }, { vkey });
  },
};

/** Runs a parser; true when it took the bytes. Anything thrown that is no JournalError goes through: that is what is looked for. */
export async function attempt(action: () => unknown): Promise<boolean> {
  try {
    await action();
    return true;
  } catch (error) {
    if (error instanceof JournalError) return false;
    throw error;
  }
}

/** xorshift32: the same seed gives the same run, up to the key in the corpus. */
export function generator(seed: number): (below: number) => number {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

async function fuzz(seconds: number, seed: number): Promise<void> {
  const random = generator(seed);
  const corpus = await openSeeds();
  const until = performance.now() + seconds * 1000;
  const names = Object.keys(targets);
  let slowestMs = 0;
  let [runs, taken] = [0, 0];
  while (performance.now() < until) {
    const name = names[random(names.length)] ?? "";
    const of = corpus.inputs[name] ?? [];
    const input = mutate(of[random(of.length)] ?? new Uint8Array(), random);
    const from = performance.now();
    try {
      if (await attempt(() => targets[name]?.(input, corpus))) taken += 1;
    } catch (error) {
      const base64 = Buffer.from(input).toString("base64");
      console.error(JSON.stringify({ target: name, seed, input: base64, error: String(error) }));
      process.exitCode = 1;
      return;
    }
    slowestMs = Math.max(slowestMs, performance.now() - from);
    runs += 1;
  }
  console.log(JSON.stringify({ runs, taken, slowest_ms: Math.round(slowestMs), seed }));
}

if (import.meta.main) await fuzz(Number(process.argv[2] ?? 10), Number(process.argv[3] ?? Date.now() % 0xffffffff));
