// SPDX-License-Identifier: Apache-2.0
import { type Checkpoint, verifyCheckpoint } from "./checkpoint.ts";
import { JournalError } from "./errors.ts";
import { leafHash } from "./merkle.ts";
import { NoteKey } from "./note-key.ts";
import { inclusionProof } from "./proof.ts";
import { formatReceipt, parseReceipt } from "./receipt.ts";
import type { LogRecord } from "./record.ts";
import { parseRecord } from "./record-codec.ts";
import type { TileSource } from "./tile-source.ts";
import { verifyInclusion } from "./verify-proof.ts";

/** What a receipt proves. */
export interface VerifiedReceipt {
  readonly record: LogRecord;
  /** The record's bytes as they are in the log. */
  readonly entry: Uint8Array;
  readonly index: number;
  readonly checkpoint: Checkpoint;
}

/** What a receipt is made of. */
export interface ReceiptParts {
  /** The record's bytes as they are in the log. */
  readonly entry: Uint8Array;
  readonly index: number;
  readonly tiles: TileSource;
  /** A signed checkpoint of a size above the index, and that size. */
  readonly signed: { readonly note: string; readonly size: number };
}

/** Text that proves one record to who has the log's vkey. C2SP tlog-proof. @throws as `inclusionProof` */
export async function createReceipt({ entry, index, tiles, signed }: ReceiptParts): Promise<string> {
  const proof = await inclusionProof(tiles, index, signed.size);
  return formatReceipt({ index, proof, checkpoint: signed.note, extra: entry });
}

/**
 * Checks a receipt with nothing but the log's vkey, which comes from elsewhere than the receipt. C2SP tlog-proof, Verifying.
 * @throws {JournalError} KEY_MALFORMED, RECEIPT_MALFORMED, NOTE_MALFORMED, KEY_UNKNOWN, SIGNATURE_INVALID, CHECKPOINT_MALFORMED,
 * PROOF_INVALID, RECORD_TOO_LARGE, RECORD_MALFORMED
 */
export function verifyReceipt(receipt: string | Uint8Array, vkey: string): VerifiedReceipt {
  const key = NoteKey.parse(vkey);
  const { index, proof, checkpoint: note, extra: entry } = parseReceipt(receipt);
  const checkpoint = verifyCheckpoint(note, [key]);
  if (entry === undefined) throw new JournalError("RECEIPT_MALFORMED", "the receipt does not carry its record");
  verifyInclusion({ leafHash: leafHash(entry), index, tree: checkpoint, proof });
  return { record: parseRecord(entry), entry, index, checkpoint };
}
