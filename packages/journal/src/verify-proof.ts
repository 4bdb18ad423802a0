// SPDX-License-Identifier: Apache-2.0
import { JournalError } from "./errors.ts";
import { emptyRoot, hashBytes, nodeHash } from "./merkle.ts";

/** A tree as far as a proof needs it. */
export interface TreeHead {
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
}

/** What an inclusion proof claims. */
export interface InclusionClaim {
  readonly leafHash: Uint8Array;
  readonly index: number;
  readonly tree: TreeHead;
  readonly proof: readonly Uint8Array[];
}

/** A position in a tree that is climbed: this node's number and the last one's, on one height. */
interface Climb {
  node: number;
  last: number;
}

function refuse(message: string): JournalError {
  return new JournalError("PROOF_INVALID", message);
}

/** Checks that the leaf is in the tree. RFC 9162 §2.1.3.2. @throws {JournalError} PROOF_INVALID */
export function verifyInclusion({ leafHash, index, tree, proof }: InclusionClaim): void {
  const { size, root } = tree;
  if (
    !isSize(size) ||
    !Number.isInteger(index) ||
    index < 0 ||
    index >= size ||
    !areHashes([leafHash, root, ...proof])
  ) {
    throw refuse("no such record in such a log");
  }
  const at: Climb = { node: index, last: size - 1 };
  let hash = leafHash;
  for (const sibling of proof) {
    if (at.last === 0) throw refuse("the proof is too long");
    hash = isRight(at) ? nodeHash(sibling, hash) : nodeHash(hash, sibling);
    climb(at);
  }
  if (at.last !== 0 || !equal(hash, root)) throw refuse("the proof does not lead from the record to the root");
}

/**
 * Checks that one tree continues the other. RFC 9162 §2.1.4.2. Anything continues the empty tree, with an empty proof.
 * @throws {JournalError} PROOF_INVALID
 */
export function verifyConsistency(from: TreeHead, to: TreeHead, proof: readonly Uint8Array[]): void {
  if (!isSize(from.size) || !isSize(to.size) || from.size > to.size || !areHashes([from.root, to.root, ...proof])) {
    throw refuse("no such log can continue such a log");
  }
  if (from.size === 0 || from.size === to.size) {
    const sound = proof.length === 0 && equal(from.root, from.size === 0 ? emptyRoot() : to.root);
    if (!sound) throw refuse("the logs do not have the same root");
    return;
  }
  const at: Climb = { node: from.size - 1, last: to.size - 1 };
  while (at.node % 2 === 1) shift(at);
  // The old tree is a complete subtree: its root is where the climb begins.
  const [first, ...rest] = at.node === 0 ? [from.root, ...proof] : proof;
  if (first === undefined) throw refuse("the proof is too short");
  let [oldHash, newHash] = [first, first];
  for (const hash of rest) {
    if (at.last === 0) throw refuse("the proof is too long");
    const right = isRight(at);
    if (right) oldHash = nodeHash(hash, oldHash);
    newHash = right ? nodeHash(hash, newHash) : nodeHash(newHash, hash);
    climb(at);
  }
  if (at.last !== 0 || !equal(oldHash, from.root) || !equal(newHash, to.root)) {
    throw refuse("the proof does not lead to both roots");
  }
}

/** Whether the next sibling is to the left. */
function isRight(at: Climb): boolean {
  return at.node % 2 === 1 || at.node === at.last;
}

/** To the parent; a last node without a sibling rises until it has one on its left. */
function climb(at: Climb): void {
  if (isRight(at)) while (at.node % 2 === 0 && at.node !== 0) shift(at);
  shift(at);
}

function shift(at: Climb): void {
  at.node = Math.floor(at.node / 2);
  at.last = Math.floor(at.last / 2);
}

function isSize(size: number): boolean {
  return Number.isSafeInteger(size) && size >= 0;
}

function areHashes(hashes: readonly Uint8Array[]): boolean {
  return hashes.every(({ length }) => length === hashBytes);
}

function equal(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
