// SPDX-License-Identifier: Apache-2.0
export { JournalError, type JournalErrorCode } from "./errors.ts";
export type { Intent } from "./intent.ts";
export { decodeIntentBatch, encodeIntentBatch, intentLeafHashes } from "./intent-batch.ts";
export { leafHash, treeRoot } from "./merkle.ts";
