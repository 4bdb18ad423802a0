// SPDX-License-Identifier: Apache-2.0
import { decodeIntentBatch, encodeIntentBatch, type Intent, intentLeafHashes, treeRoot } from "../src/index.ts";

/** Stores the decision to sign before anything is signed; gives the row. */
export function record(intents: readonly Intent[]): Uint8Array {
  return encodeIntentBatch(intents);
}

/** Root of the Merkle tree over all rows of an authority's log, as hex: equal roots mean equal histories. */
export function historyRoot(rows: readonly Uint8Array[]): string {
  const leaves = rows.flatMap((row) => intentLeafHashes(decodeIntentBatch(row)));
  return Buffer.from(treeRoot(leaves)).toString("hex");
}
