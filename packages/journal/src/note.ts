// SPDX-License-Identifier: Apache-2.0
import { JournalError } from "./errors.ts";
import { fromBase64, readText, toBase64 } from "./text-encoding.ts";

/** One signature line of a note; nothing about it is verified. C2SP signed-note, Signatures. */
export interface NoteSignature {
  /** The key's name. */
  readonly name: string;
  /** The key's ID, 32 bits: with the name it says which key signed. */
  readonly keyId: number;
  /** As the key's algorithm defines it; for Ed25519 64 bytes. */
  readonly signature: Uint8Array;
}

/** A text and who signed it; not to be believed before `verifyNote`. */
export interface Note {
  /** Ends with a newline; no other control characters. */
  readonly text: string;
  /** At least one. */
  readonly signatures: readonly NoteSignature[];
}

const maxSignatures = 100;
const limit = { code: "NOTE_MALFORMED", what: "a note", maxBytes: 1_000_000 } as const;

// C2SP signed-note, Format: no Unicode spaces, no plus; and none of what may not be in a note at all.
const nameForm = /^[^\p{White_Space}\s+\p{Cc}\p{Cs}]+$/u;

function refuse(message: string): JournalError {
  return new JournalError("NOTE_MALFORMED", message);
}

/** Whether it can be a key's name. C2SP signed-note, Format. */
export function isKeyName(name: string): boolean {
  return nameForm.test(name) && name.length <= 512;
}

/** The note as text, UTF-8. C2SP signed-note, Format. @throws {TypeError} for what a note can't carry */
export function formatNote(note: Note): string {
  if (!isNoteText(note.text)) {
    throw new TypeError("a note's text ends with a newline and has no other control characters");
  }
  if (note.signatures.length === 0 || note.signatures.length > maxSignatures) {
    throw new TypeError(`a note has 1 to ${String(maxSignatures)} signatures`);
  }
  return `${note.text}\n${note.signatures.map(formatSignature).join("")}`;
}

function formatSignature({ name, keyId, signature }: NoteSignature): string {
  if (!isKeyName(name)) throw new TypeError(`not a key name: ${JSON.stringify(name)}`);
  if (signature.length === 0) throw new TypeError("an empty signature");
  const bytes = Buffer.alloc(4 + signature.length);
  bytes.writeUInt32BE(keyId);
  bytes.set(signature, 4);
  return `\u2014 ${name} ${toBase64(bytes)}\n`;
}

function isNoteText(text: string): boolean {
  // oxlint-disable-next-line no-control-regex
  return text.endsWith("\n") && text.isWellFormed() && !/[\0-\x09\x0b-\x1f]/.test(text);
}

/**
 * Reads a note, at most 1 MB with 100 signatures, and verifies nothing: `verifyNote` does. C2SP signed-note, Format.
 * @throws {JournalError} NOTE_MALFORMED
 */
export function parseNote(note: string | Uint8Array): Note {
  const whole = readText(note, limit);
  const split = whole.lastIndexOf("\n\n");
  if (split === -1 || !isNoteText(whole)) throw refuse("not a text, an empty line and signatures");
  // The last piece is what comes after the final newline: nothing.
  const lines = whole.slice(split + 2).split("\n", maxSignatures + 2);
  if (lines.length < 2 || lines.length > maxSignatures + 1) {
    throw refuse(`a note has 1 to ${String(maxSignatures)} signatures`);
  }
  return { text: whole.slice(0, split + 1), signatures: lines.slice(0, -1).map(parseSignature) };
}

function parseSignature(line: string): NoteSignature {
  const [dash, name, base64, ...more] = line.split(" ", 4);
  const bytes = fromBase64(base64 ?? "");
  if (dash !== "\u2014" || name === undefined || !isKeyName(name) || bytes === undefined || more.length > 0) {
    throw refuse("a signature line is not a dash, a key name and base64");
  }
  if (bytes.length < 5) throw refuse("a signature is too short");
  return { name, keyId: bytes.readUInt32BE(), signature: Uint8Array.from(bytes.subarray(4)) };
}
