// SPDX-License-Identifier: Apache-2.0

/**
 * Why bytes, a proof or an append were refused. Stable. `BATCH_TOO_LARGE` over a size or count limit · `BATCH_VERSION` not an intent
 * batch, or of a later format · `BATCH_MALFORMED` cut short, with bytes left over, or not the one encoding of its content ·
 * `NOTE_MALFORMED` not a signed note, or over its limits · `KEY_MALFORMED` not a verifier key of Ed25519 · `KEY_UNKNOWN` no signature
 * by a trusted key · `SIGNATURE_INVALID` a trusted key's signature does not verify · `CHECKPOINT_MALFORMED` a note's text is no
 * checkpoint · `TILE_MALFORMED` not a tile, an entry bundle or a path of one · `TILE_MISSING` the log does not hold what its size
 * promises · `PROOF_INVALID` the proof does not lead to the root · `RECEIPT_MALFORMED` not a receipt, or over its limits ·
 * `JSON_UNREPRESENTABLE` a value that canonical JSON can't carry, or over the limits · `RECORD_MALFORMED` not a record in its one
 * encoding · `RECORD_TOO_LARGE` a record over 60 KiB · `LOG_UNAVAILABLE` the record could not be made durable · `LOG_BUSY` too much is
 * waiting to be written · `LOG_INCONSISTENT` what is stored does not continue what was signed · `LOG_CLOSED` the writer is closed
 */
export type JournalErrorCode =
  | "BATCH_TOO_LARGE"
  | "BATCH_VERSION"
  | "BATCH_MALFORMED"
  | "NOTE_MALFORMED"
  | "KEY_MALFORMED"
  | "KEY_UNKNOWN"
  | "SIGNATURE_INVALID"
  | "CHECKPOINT_MALFORMED"
  | "TILE_MALFORMED"
  | "TILE_MISSING"
  | "PROOF_INVALID"
  | "RECEIPT_MALFORMED"
  | "JSON_UNREPRESENTABLE"
  | "RECORD_MALFORMED"
  | "RECORD_TOO_LARGE"
  | "LOG_UNAVAILABLE"
  | "LOG_BUSY"
  | "LOG_INCONSISTENT"
  | "LOG_CLOSED";

/** A journal's bytes or an append were refused; `code` says why. A caller's own mistake is a TypeError or RangeError instead. */
export class JournalError extends Error {
  readonly code: JournalErrorCode;

  constructor(code: JournalErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "JournalError";
    this.code = code;
  }
}
