// SPDX-License-Identifier: Apache-2.0
import type { Int64 } from "../../message.ts";

/** The newest checkpoint, a C2SP signed note, and the key that verifies it, as a vkey. */
export interface GetCheckpointResponse {
  readonly checkpoint: string;
  readonly vkey: string;
}

/** The range `from` ≤ index < `to`; `to` 0 = up to the checkpoint, an empty `task_id` = all records. */
export interface ExportRecordsRequest {
  readonly from: Int64;
  readonly to: Int64;
  readonly task_id: string;
}

/** Records that follow each other, the first of them at `index`; each is canonical JSON (RFC 8785). */
export interface ExportRecordsResponse {
  readonly index: Int64;
  readonly records: readonly Buffer[];
}

/** The record to prove, by its id where one is given, else by its index. */
export interface ProveRecordRequest {
  readonly index: Int64;
  readonly record_id: string;
}

/** The record, and a receipt (tlog-proof@v1) that verifies with the vkey alone. */
export interface ProveRecordResponse {
  readonly receipt: string;
  readonly record: Buffer;
}
