// SPDX-License-Identifier: Apache-2.0
import { createPublicKey, type KeyObject, sign } from "node:crypto";
import { JournalError } from "./errors.ts";
import { formatNote, parseNote } from "./note.ts";
import { NoteKey } from "./note-key.ts";

/** Signs notes; the private key stays behind it. */
export interface NoteSigner {
  readonly key: NoteKey;
  /** Ed25519 over the bytes, 64 bytes. */
  sign(data: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

/** A note whose text may be believed as far as these keys are. */
export interface VerifiedNote {
  readonly text: string;
  /** Those of the given keys that signed, in the note's order. */
  readonly keys: readonly NoteKey[];
}

/** Signs with a private Ed25519 key in this process. @throws {TypeError} for a bad name or another kind of key */
export function createNoteSigner(name: string, privateKey: KeyObject): NoteSigner {
  return { key: NoteKey.of(name, createPublicKey(privateKey)), sign: (data) => sign(null, data, privateKey) };
}

/** The text as a note with one signature. C2SP signed-note. @throws {TypeError} for what a note can't carry */
export async function signNote(text: string, signer: NoteSigner): Promise<string> {
  const { name, id: keyId } = signer.key;
  return formatNote({ text, signatures: [{ name, keyId, signature: await signer.sign(Buffer.from(text)) }] });
}

/**
 * Reads a note and checks every signature by one of the keys; those by others are ignored. C2SP signed-note, Signatures.
 * @throws {JournalError} NOTE_MALFORMED, KEY_UNKNOWN (none of the keys signed), SIGNATURE_INVALID (one did, but not this text)
 */
export function verifyNote(note: string | Uint8Array, keys: readonly NoteKey[]): VerifiedNote {
  const { text, signatures } = parseNote(note);
  const data = Buffer.from(text);
  const signers = new Set<NoteKey>();
  for (const { name, keyId, signature } of signatures) {
    const known = keys.filter((key) => key.name === name && key.id === keyId);
    if (known.length === 0) continue;
    const signer = known.find((key) => key.verifies(data, signature));
    if (signer === undefined) {
      throw new JournalError("SIGNATURE_INVALID", `the signature by ${JSON.stringify(name)} is not one over this text`);
    }
    signers.add(signer);
  }
  if (signers.size === 0) throw new JournalError("KEY_UNKNOWN", "the note is not signed by a trusted key");
  return { text, keys: [...signers] };
}
