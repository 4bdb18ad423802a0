// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diffSets, setDigest } from "./versioned-set.ts";

const versions: fc.Arbitrary<Map<string, string>> = fc
  .dictionary(fc.constantFrom("a", "b", "c", "d", "Z", "__proto__"), fc.constantFrom("1", "2", "3"))
  .map((record) => new Map<string, string>(Object.entries(record)));

describe("diffSets", () => {
  it("brings one set to another, and touches nothing that is equal", () => {
    fc.assert(
      fc.property(versions, versions, (held, wanted) => {
        const { upserts, removed } = diffSets(held, wanted);
        const applied = new Map(held);
        for (const id of removed) expect(applied.delete(id)).toBe(true);
        for (const id of upserts) {
          expect(applied.get(id)).not.toBe(wanted.get(id));
          applied.set(id, wanted.get(id) ?? "");
        }
        expect(applied).toEqual(wanted);
        expect([upserts, removed]).toEqual([upserts.toSorted(), removed.toSorted()]);
      }),
    );
  });
});

describe("setDigest", () => {
  it("is SHA-256 over sorted lines of id, NUL, version, LF", () => {
    const expected = createHash("sha256").update("B\0v2\na\0v1\n").digest("hex");
    expect(
      Buffer.from(
        setDigest(
          new Map([
            ["a", "v1"],
            ["B", "v2"],
          ]),
        ),
      ).toString("hex"),
    ).toBe(expected);
    expect(Buffer.from(setDigest(new Map())).toString("hex")).toBe(createHash("sha256").digest("hex"));
  });

  it("is equal exactly for equal sets, in whatever order they were filled", () => {
    fc.assert(
      fc.property(versions, versions, (one, other) => {
        const same = one.size === other.size && [...one].every(([id, version]) => other.get(id) === version);
        const [a, b] = [setDigest(new Map([...one].toReversed())), setDigest(other)].map((bytes) =>
          Buffer.from(bytes).toString("hex"),
        );
        expect(a === b).toBe(same);
      }),
    );
  });
});
