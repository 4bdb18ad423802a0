// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { codeOf } from "../test/codes.ts";
import { MemoryTiles } from "./memory-tiles.ts";
import { leafHash } from "./merkle.ts";
import { MerkleTree } from "./merkle-tree.ts";
import { consistencyProof, inclusionProof, rootAt } from "./proof.ts";
import { verifyConsistency, verifyInclusion } from "./verify-proof.ts";

// The eight leaves and the proofs that implementations of RFC 6962 compare themselves on.
const leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
const n = {
  leaf0: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  leaf1: "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
  leaf4: "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
  over01: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  over23: "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
  over45: "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
  over67: "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
  over0to3: "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  over4to7: "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
};

function hex(hashes: readonly Uint8Array[]): string[] {
  return hashes.map((hash) => Buffer.from(hash).toString("hex"));
}

async function treeOf(data: readonly Uint8Array[]): Promise<MerkleTree> {
  const full = new MemoryTiles();
  const tree = await MerkleTree.open(full, 0);
  for (const one of data) full.put(tree.append(leafHash(one)));
  return tree;
}

function numbered(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, number) => Buffer.from(String(number)));
}

const sha256 = (...parts: readonly Uint8Array[]): Uint8Array =>
  createHash("sha256").update(Buffer.concat(parts)).digest();

function splitOf(count: number): number {
  return 2 ** (Math.ceil(Math.log2(count)) - 1);
}

/** MTH of RFC 6962 §2.1, word for word. */
function mth(data: readonly Uint8Array[]): Uint8Array {
  const [only] = data;
  if (only === undefined) return sha256();
  if (data.length === 1) return sha256(Uint8Array.of(0), only);
  const k = splitOf(data.length);
  return sha256(Uint8Array.of(1), mth(data.slice(0, k)), mth(data.slice(k)));
}

/** PATH of RFC 6962 §2.1.1. */
function path(m: number, data: readonly Uint8Array[]): Uint8Array[] {
  if (data.length === 1) return [];
  const k = splitOf(data.length);
  if (m < k) return [...path(m, data.slice(0, k)), mth(data.slice(k))];
  return [...path(m - k, data.slice(k)), mth(data.slice(0, k))];
}

/** SUBPROOF of RFC 6962 §2.1.2. */
function subproof(m: number, data: readonly Uint8Array[], whole: boolean): Uint8Array[] {
  if (m === data.length) return whole ? [] : [mth(data)];
  const k = splitOf(data.length);
  if (m <= k) return [...subproof(m, data.slice(0, k), whole), mth(data.slice(k))];
  return [...subproof(m - k, data.slice(k), false), mth(data.slice(0, k))];
}

describe("proofs over the known tree", () => {
  const known = leaves.map((leaf) => Buffer.from(leaf, "hex"));

  it.each([
    [0, 1, []],
    [0, 8, [n.leaf1, n.over23, n.over4to7]],
    [5, 8, [n.leaf4, n.over67, n.over0to3]],
    [2, 3, [n.over01]],
    [1, 5, [n.leaf0, n.over23, n.leaf4]],
  ])("leaf %i of %i is included as known", async (index, size, expected) => {
    expect(hex(await inclusionProof(await treeOf(known), index, size))).toEqual(expected);
  });

  it.each([
    [1, 1, []],
    [1, 8, [n.leaf1, n.over23, n.over4to7]],
    [6, 8, [n.over45, n.over67, n.over0to3]],
    [2, 5, [n.over23, n.leaf4]],
  ])("%i leaves are continued by %i as known", async (from, to, expected) => {
    expect(hex(await consistencyProof(await treeOf(known), from, to))).toEqual(expected);
  });
});

describe("proofs", () => {
  const most = 700;
  const data = numbered(most);
  let tree: MerkleTree;
  beforeAll(async () => {
    tree = await treeOf(data);
  });
  const size = fc.oneof(fc.integer({ min: 1, max: most }), fc.constantFrom(1, 2, 255, 256, 257, 511, 512, 513));

  it("are those of the recursive definition, at every earlier size, and verify", async () => {
    await fc.assert(
      fc.asyncProperty(size, fc.nat(), fc.nat(), async (size, a, b) => {
        const [index, from] = [a % size, b % (size + 1)];
        const [now, before] = [data.slice(0, size), data.slice(0, from)];
        const [root, oldRoot] = [await rootAt(tree, size), await rootAt(tree, from)];
        expect(hex([root, oldRoot])).toEqual(hex([mth(now), mth(before)]));
        const proof = await inclusionProof(tree, index, size);
        expect(hex(proof)).toEqual(hex(path(index, now)));
        verifyInclusion({ leafHash: leafHash(data[index] ?? Buffer.alloc(0)), index, tree: { size, root }, proof });
        const consistency = await consistencyProof(tree, from, size);
        if (from > 0) expect(hex(consistency)).toEqual(hex(subproof(from, now, true)));
        verifyConsistency({ size: from, root: oldRoot }, { size, root }, consistency);
      }),
      { numRuns: 60 },
    );
  });

  it("hold for nothing else: another leaf, index, size, root, order, length or hash is refused", async () => {
    await fc.assert(
      fc.asyncProperty(size, fc.nat(), fc.nat(), async (size, a, b) => {
        const index = a % size;
        const leaf = leafHash(data[index] ?? Buffer.alloc(0));
        const root = await rootAt(tree, size);
        const proof = await inclusionProof(tree, index, size);
        const flipped = proof.map((hash, at) => (at === b % proof.length ? hash.map((octet) => octet ^ 1) : hash));
        const other = leafHash(Buffer.from("other"));
        const claim = { leafHash: leaf, index, tree: { size, root }, proof };
        const bad = [
          { ...claim, leafHash: other },
          { ...claim, index: index + 1 },
          { ...claim, index: index - 1 },
          { ...claim, tree: { size, root: other } },
          { ...claim, proof: [...proof, other] },
          { ...claim, proof: Array.from({ length: 1000 }, () => other) },
          { ...claim, leafHash: leaf.subarray(1) },
          ...(proof.length > 0
            ? [
                { ...claim, proof: flipped },
                { ...claim, proof: proof.slice(1) },
              ]
            : []),
          ...(proof.length > 1 ? [{ ...claim, proof: proof.toReversed() }] : []),
          { ...claim, index: Number.NaN },
          { ...claim, tree: { size: Number.MAX_SAFE_INTEGER, root } },
        ];
        for (const one of bad) expect(codeOf(() => verifyInclusion(one))).toBe("PROOF_INVALID");
      }),
      { numRuns: 100 },
    );
  });

  it("of consistency do not hold for another history", async () => {
    await fc.assert(
      fc.asyncProperty(size, fc.nat(), fc.nat(), async (size, a, b) => {
        const from = 1 + (a % size);
        const [old, now] = [
          { size: from, root: await rootAt(tree, from) },
          { size, root: await rootAt(tree, size) },
        ];
        const proof = await consistencyProof(tree, from, size);
        const forked = data.map((one, at) => (at === b % from ? Buffer.from("forked") : one));
        const other = { size: from, root: mth(forked.slice(0, from)) };
        const refused = (...claim: Parameters<typeof verifyConsistency>): void => {
          expect(codeOf(() => verifyConsistency(...claim))).toBe("PROOF_INVALID");
        };
        refused(other, now, proof);
        refused(old, { size, root: other.root }, proof);
        refused(old, now, [...proof, other.root]);
        if (from < size) refused(now, old, proof);
        if (proof.length > 0) refused(old, now, proof.slice(1));
        if (proof.length > 0) refused(old, now, proof.slice(0, -1));
        refused({ size: 0, root: old.root }, now, []);
        refused({ size: Number.NaN, root: old.root }, now, proof);
      }),
      { numRuns: 60 },
    );
  });

  it("are not made for what is not in the tree", async () => {
    for (const [index, size] of [
      [5, 5],
      [-1, 5],
      [0, 0],
      [0.5, 3],
      [0, Number.NaN],
    ] as const)
      await expect(inclusionProof(tree, index, size)).rejects.toThrow(RangeError);
    for (const [from, to] of [
      [6, 5],
      [-1, 5],
      [0.5, 3],
      [0, Number.NaN],
    ] as const)
      await expect(consistencyProof(tree, from, to)).rejects.toThrow(RangeError);
    await expect(inclusionProof(tree, 0, most + 1)).rejects.toMatchObject({ code: "TILE_MISSING" });
  });
});

describe("a tree", () => {
  it("gives the tiles that it grew by, and goes on from them", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 1100 }), fc.integer({ min: 1, max: 600 }), async (before, after) => {
        const [stored, data] = [new MemoryTiles(), numbered(before + after)];
        const first = await MerkleTree.open(stored, 0);
        for (const one of data.slice(0, before)) stored.put(first.append(leafHash(one)));
        const leafTile = Buffer.concat(data.slice(before - (before % 256), before).map(leafHash));
        const store = {
          readTile: (level: number, index: number) =>
            level === 0 && index === Math.floor(before / 256) ? leafTile : stored.readTile(level, index),
        };
        const second = await MerkleTree.open(store, before);
        for (const one of data.slice(before)) stored.put(second.append(leafHash(one)));
        expect(hex([await rootAt(second, before + after)])).toEqual(hex([mth(data)]));
      }),
      { numRuns: 25 },
    );
  });

  it("has forks that grow on their own", async () => {
    const tree = await treeOf(numbered(255));
    const [one, two] = [tree.fork(), tree.fork()];
    one.append(leafHash(Buffer.from("a")));
    two.append(leafHash(Buffer.from("b")));
    expect(tree.size).toBe(255);
    const same = await treeOf([...numbered(255), Buffer.from("b")]);
    expect(hex([await rootAt(two, 256)])).toEqual(hex([await rootAt(same, 256)]));
    expect(hex([await rootAt(one, 256)])).not.toEqual(hex([await rootAt(two, 256)]));
  });
});
