// SPDX-License-Identifier: Apache-2.0
import { JournalError } from "./errors.ts";
import { emptyRoot, hashBytes } from "./merkle.ts";
import type { NoteKey } from "./note-key.ts";
import { type NoteSigner, signNote, verifyNote } from "./sign-note.ts";
import { fromBase64, fromDecimal, readText, toBase64 } from "./text-encoding.ts";

/** What a log commits itself to: so many records, under this root. C2SP tlog-checkpoint. */
export interface Checkpoint {
  /** The log's name; one line. A log's key has the same name. */
  readonly origin: string;
  /** Records in the tree. */
  readonly size: number;
  /** Merkle tree hash, 32 bytes. */
  readonly root: Uint8Array;
  /** Further lines; their meaning is the log's. Ours writes none. */
  readonly extensions?: readonly string[] | undefined;
}

const limit = { code: "CHECKPOINT_MALFORMED", what: "a checkpoint", maxBytes: 65_536 } as const;

function refuse(message: string): JournalError {
  return new JournalError("CHECKPOINT_MALFORMED", message);
}

/** The note text of a checkpoint. C2SP tlog-checkpoint, Note text. @throws {TypeError} for what it can't carry */
export function formatCheckpoint({ origin, size, root, extensions = [] }: Checkpoint): string {
  if (!Number.isSafeInteger(size) || size < 0) throw new TypeError("a size is a whole number from 0 on");
  if (root.length !== hashBytes) throw new TypeError(`a root has ${String(hashBytes)} bytes`);
  const free = [origin, ...extensions];
  if (free.some((line) => line === "" || line.includes("\n"))) throw new TypeError("a line is empty or not one line");
  return [origin, String(size), toBase64(root), ...extensions, ""].join("\n");
}

/** Reads the note text of a checkpoint. C2SP tlog-checkpoint, Note text. @throws {JournalError} CHECKPOINT_MALFORMED */
export function parseCheckpoint(text: string): Checkpoint {
  const lines = readText(text, limit).split("\n");
  // The first empty one is what follows the last newline.
  if (lines.indexOf("") !== lines.length - 1) throw refuse("a checkpoint is lines that are not empty");
  const [origin, sizeText, rootText, ...extensions] = lines.slice(0, -1);
  const [size, root] = [fromDecimal(sizeText ?? ""), fromBase64(rootText ?? "")];
  if (origin === undefined || size === undefined || root?.length !== hashBytes) {
    throw refuse("a checkpoint is an origin, a size and a root");
  }
  if (size === 0 && !root.equals(emptyRoot())) {
    throw refuse("the root of the empty log is not that of nothing");
  }
  const checkpoint = { origin, size, root: Uint8Array.from(root) };
  return extensions.length === 0 ? checkpoint : { ...checkpoint, extensions };
}

/** The checkpoint as a note signed by the log. @throws {TypeError} when it can't be written, or the origin is not the key's name */
export async function signCheckpoint(checkpoint: Checkpoint, signer: NoteSigner): Promise<string> {
  if (signer.key.name !== checkpoint.origin) throw new TypeError("the key's name is not the checkpoint's origin");
  return signNote(formatCheckpoint(checkpoint), signer);
}

/**
 * Reads a signed checkpoint. Of the keys that verify, one must have the origin as its name: a witness does not speak for a log.
 * C2SP tlog-checkpoint, Signatures.
 * @throws {JournalError} NOTE_MALFORMED, KEY_UNKNOWN, SIGNATURE_INVALID, CHECKPOINT_MALFORMED
 */
export function verifyCheckpoint(note: string | Uint8Array, keys: readonly NoteKey[]): Checkpoint {
  const verified = verifyNote(note, keys);
  const checkpoint = parseCheckpoint(verified.text);
  if (!verified.keys.some(({ name }) => name === checkpoint.origin)) {
    throw new JournalError("KEY_UNKNOWN", `no key of the log ${JSON.stringify(checkpoint.origin)} signed`);
  }
  return checkpoint;
}
