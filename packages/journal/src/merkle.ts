// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";

const leafPrefix = Uint8Array.of(0);
const nodePrefix = Uint8Array.of(1);

/** Hash of a leaf's data: SHA-256 with the leaf prefix, 32 bytes. RFC 6962 §2.1. */
export function leafHash(data: Uint8Array): Uint8Array {
  return createHash("sha256").update(leafPrefix).update(data).digest();
}

function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return createHash("sha256").update(nodePrefix).update(left).update(right).digest();
}

/** Merkle tree hash over leaf hashes in order, 32 bytes; of no leaves it is the hash of nothing. RFC 6962 §2.1. */
export function treeRoot(leafHashes: Iterable<Uint8Array>): Uint8Array {
  // Roots of the complete subtrees so far, largest first, as the binary digits of the count say.
  const peaks: Uint8Array[] = [];
  let count = 0;
  for (const leaf of leafHashes) {
    let hash = leaf;
    for (let digits = count; digits % 2 === 1; digits = Math.floor(digits / 2))
      hash = nodeHash(peaks.pop() ?? hash, hash);
    peaks.push(hash);
    count += 1;
  }
  const last = peaks.pop();
  if (last === undefined) return createHash("sha256").digest();
  return peaks.reduceRight((right, left) => nodeHash(left, right), last);
}
