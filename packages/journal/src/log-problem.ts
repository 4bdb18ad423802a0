// SPDX-License-Identifier: Apache-2.0

/**
 * What can be wrong with a log. Stable. `CHECKPOINT_MISSING` · `CHECKPOINT_MALFORMED` · `KEY_UNKNOWN` the checkpoint is not signed by
 * the pinned key · `SIGNATURE_INVALID` it is, but over something else · `ROLLED_BACK` the log is shorter than one that was signed ·
 * `FORKED` it does not continue one that was signed · `TRUNCATED` records of the signed size are missing · `RECORD_CHANGED` ·
 * `RECORD_DROPPED` one is missing in between · `RECORD_INSERTED` · `RECORD_REORDERED` · `ROOT_MISMATCH` records and tiles both are not
 * those that were signed, and nothing tells where it begins · `TILE_CHANGED` a tile of hashes is not that of the records ·
 * `TILE_MISSING` · `RECORD_MALFORMED` what was signed is no record · `DUPLICATE_ID` two records with one id and phase ·
 * `INTENT_WITHOUT_OUTCOME` something was allowed and nobody recorded how it ended · `OUTCOME_WITHOUT_INTENT` something was done
 * without being recorded before · `TIME_RAN_BACK` by more than 30 s
 */
export type LogProblemCode =
  | "CHECKPOINT_MISSING"
  | "CHECKPOINT_MALFORMED"
  | "KEY_UNKNOWN"
  | "SIGNATURE_INVALID"
  | "ROLLED_BACK"
  | "FORKED"
  | "TRUNCATED"
  | "RECORD_CHANGED"
  | "RECORD_DROPPED"
  | "RECORD_INSERTED"
  | "RECORD_REORDERED"
  | "ROOT_MISMATCH"
  | "TILE_CHANGED"
  | "TILE_MISSING"
  | "RECORD_MALFORMED"
  | "DUPLICATE_ID"
  | "INTENT_WITHOUT_OUTCOME"
  | "OUTCOME_WITHOUT_INTENT"
  | "TIME_RAN_BACK";

/** One thing that is wrong with a log. */
export interface LogProblem {
  readonly code: LogProblemCode;
  /** The record that it begins at. */
  readonly index?: number | undefined;
  readonly message: string;
}
