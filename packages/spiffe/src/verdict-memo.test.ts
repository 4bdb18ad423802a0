// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { SpiffeId } from "./spiffe-id.ts";
import { TrustDomain } from "./trust-domain.ts";
import { type Verdict, VerdictMemo } from "./verdict-memo.ts";
import { X509Bundle } from "./x509-bundle.ts";

const bundleFor = (name: string): X509Bundle => new X509Bundle(TrustDomain.parse(name), []);
const td = bundleFor("td");

function verdict(bytes = 1, bundle = td): Verdict {
  const peer = { id: SpiffeId.parse("spiffe://td/w"), chain: [], notAfter: new Date(0) };
  return { peer, bundle, from: 0, until: 1, bytes };
}

/** Which of the keys are there; asking for them is a use of each. */
const held = (memo: VerdictMemo, keys: string): string =>
  keys
    .split("")
    .filter((key) => memo.get(key) !== undefined)
    .join("");

describe("VerdictMemo", () => {
  it("drops what was used longest ago when there are too many", () => {
    const memo = new VerdictMemo({ maxVerdicts: 3, maxBytes: 100 });
    for (const key of "abc") memo.add(key, verdict());
    memo.get("a");
    memo.add("d", verdict());
    expect([held(memo, "abcd"), memo.size]).toEqual(["acd", 3]);
  });

  it("drops as many as make room for the bytes of a new one", () => {
    const memo = new VerdictMemo({ maxVerdicts: 10, maxBytes: 100 });
    for (const key of "abc") memo.add(key, verdict(30));
    memo.add("d", verdict(50));
    expect(held(memo, "abcd")).toBe("cd");
    memo.add("e", verdict(101));
    expect([held(memo, "abcde"), memo.size]).toEqual(["", 0]);
    memo.add("f", verdict(100));
    expect(held(memo, "f")).toBe("f");
  });

  it("counts the bytes of one that is replaced or dropped no more", () => {
    const memo = new VerdictMemo({ maxVerdicts: 10, maxBytes: 100 });
    for (let round = 0; round < 5; round += 1) memo.add("a", verdict(60));
    memo.add("b", verdict(40));
    expect(held(memo, "ab")).toBe("ab");
    memo.dropBundle(td);
    memo.add("c", verdict(100));
    expect(held(memo, "abc")).toBe("c");
    memo.clear();
    memo.add("d", verdict(100));
    expect([held(memo, "cd"), memo.size]).toEqual(["d", 1]);
  });

  it("drops what rests on one bundle and keeps the others", () => {
    const memo = new VerdictMemo({ maxVerdicts: 10, maxBytes: 100 });
    memo.add("a", verdict());
    memo.add("b", verdict(1, bundleFor("td")));
    memo.dropBundle(td);
    expect(held(memo, "ab")).toBe("b");
  });
});
