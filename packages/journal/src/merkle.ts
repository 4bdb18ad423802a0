// SPDX-License-Identifier: Apache-2.0
import { hash } from "node:crypto";

/** Octets of a hash: SHA-256. */
export const hashBytes = 32;

/** Hash of a leaf's data: SHA-256 with the leaf prefix, 32 bytes. RFC 6962 §2.1. */
export function leafHash(data: Uint8Array): Uint8Array {
  const input = Buffer.allocUnsafe(1 + data.length);
  input[0] = 0;
  input.set(data, 1);
  return hash("sha256", input, "buffer");
}

/** Hash of an inner node over its two children, 32 bytes. RFC 6962 §2.1. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  const input = Buffer.allocUnsafe(1 + 2 * hashBytes);
  input[0] = 1;
  input.set(left, 1);
  input.set(right, 1 + hashBytes);
  return hash("sha256", input, "buffer");
}

/** Hash of the tree without leaves. */
export function emptyRoot(): Uint8Array {
  return hash("sha256", "", "buffer");
}

/** Root over 2^k hashes that lie one after the other. */
export function foldHashes(hashes: Uint8Array): Uint8Array {
  const input = Buffer.allocUnsafe(1 + 2 * hashBytes);
  input[0] = 1;
  let level = Uint8Array.from(hashes);
  // Each level is written over the beginning of the one below it, behind what is read.
  while (level.length > hashBytes) {
    for (let at = 0; at < level.length; at += 2 * hashBytes) {
      input.set(level.subarray(at, at + 2 * hashBytes), 1);
      level.set(hash("sha256", input, "buffer"), at / 2);
    }
    level = level.subarray(0, level.length / 2);
  }
  return Uint8Array.from(level);
}

/** Root over the roots of complete subtrees, largest first. RFC 6962 §2.1. */
export function foldPeaks(peaks: readonly Uint8Array[]): Uint8Array {
  const last = peaks.at(-1);
  if (last === undefined) return emptyRoot();
  return peaks.slice(0, -1).reduceRight((right, left) => nodeHash(left, right), last);
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
  return foldPeaks(peaks);
}
