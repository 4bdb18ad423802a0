// SPDX-License-Identifier: Apache-2.0
import type { LogStore } from "@mayfly/journal";

/** Where the record is kept: what `LogWriter` writes to, and where its entries are found again by what they are about. */
export interface RecordStore extends LogStore {
  /** Indexes of the records with this id, in order: an intent and its outcome have the same. */
  find(recordId: string): Promise<readonly number[]>;
  /** Indexes of a task's records from `from` on, in order, at most `limit`. */
  ofTask(
    taskId: string,
    page: { readonly from: number; readonly to: number; readonly limit: number },
  ): Promise<readonly number[]>;
}
