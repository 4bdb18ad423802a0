// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { leafHash, treeRoot } from "./merkle.ts";

// The eight leaves that implementations of RFC 6962 compare themselves on.
const leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  return createHash("sha256").update(Buffer.concat(parts)).digest();
}

/** RFC 6962 §2.1 word for word: split at the largest power of two below n. */
function naiveRoot(data: readonly Uint8Array[]): Uint8Array {
  const [only] = data;
  if (only === undefined) return sha256();
  if (data.length === 1) return sha256(Uint8Array.of(0), only);
  let split = 1;
  while (split * 2 < data.length) split *= 2;
  return sha256(Uint8Array.of(1), naiveRoot(data.slice(0, split)), naiveRoot(data.slice(split)));
}

describe("treeRoot", () => {
  it.each([
    [0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
    [1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"],
    [2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    [3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"],
    [5, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"],
    [8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"],
  ])("has the known value over %i leaves", (count, root) => {
    const hashes = leaves.slice(0, count).map((leaf) => leafHash(Buffer.from(leaf, "hex")));
    expect(hex(treeRoot(hashes))).toBe(root);
  });

  it("equals the recursive definition", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 8 }), { maxLength: 70 }), (data) => {
        expect(hex(treeRoot(data.map(leafHash)))).toBe(hex(naiveRoot(data)));
      }),
    );
  });
});
