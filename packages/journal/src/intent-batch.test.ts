// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JournalError } from "./errors.ts";
import { decodeIntentBatch, encodeIntentBatch, type Intent, intentLeafHashes, treeRoot } from "./index.ts";
import { maxBatchBytes } from "./intent-batch.ts";

const text = (maxLength: number): fc.Arbitrary<string> =>
  fc
    .array(fc.oneof(fc.nat(0x7f), fc.nat(0xffff)), { maxLength })
    .map((units) => String.fromCharCode(...units).toWellFormed());
const whole = fc.oneof(fc.maxSafeNat(), fc.constantFrom(0, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER));
const intent: fc.Arbitrary<Intent> = fc.record({
  kind: fc.constantFrom("x509", "jwt"),
  serialNumber: fc.string({ unit: fc.constantFrom(...Array.from("0123456789abcdef")), minLength: 1, maxLength: 64 }),
  spiffeId: text(200),
  notBefore: whole,
  notAfter: whole,
  tbsHash: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  requester: text(200),
  entryId: text(100),
  entryRevision: whole,
});
const batch = fc.array(intent, { minLength: 1, maxLength: 12 });

const sample: Intent = {
  kind: "x509",
  serialNumber: "0abc1",
  spiffeId: "spiffe://example.org/web",
  notBefore: 1_790_000_000,
  notAfter: 1_790_000_600,
  tbsHash: createHash("sha256").update("tbs").digest(),
  requester: "spiffe://example.org/spire/agent/a",
  entryId: "e1",
  entryRevision: 3,
};

function codeOf(bytes: Uint8Array): string {
  try {
    decodeIntentBatch(bytes);
    return "accepted";
  } catch (error) {
    if (error instanceof JournalError) return error.code;
    throw error;
  }
}

function patched(change: (bytes: Buffer) => void): Uint8Array {
  const bytes = Buffer.from(encodeIntentBatch([sample]));
  change(bytes);
  return bytes;
}

describe("an intent batch", () => {
  it("keeps its bytes from version to version: old rows must stay readable", () => {
    const rest = [
      "0500abc1000000006ab13b80000000006ab13dd80000000000000003",
      Buffer.from(sample.tbsHash).toString("hex"),
      `0018${Buffer.from(sample.spiffeId).toString("hex")}`,
      `0022${Buffer.from(sample.requester).toString("hex")}`,
      "00026531",
    ].join("");
    const expected = `4d4649420100000002${["01", "02"].map((kind) => kind + rest).join("")}`;
    expect(Buffer.from(encodeIntentBatch([sample, { ...sample, kind: "jwt" }])).toString("hex")).toBe(expected);
  });

  it("comes back as it was written", () => {
    fc.assert(
      fc.property(batch, (intents) => {
        const read = decodeIntentBatch(encodeIntentBatch(intents));
        expect(read).toEqual(intents.map((one) => ({ ...one, tbsHash: Uint8Array.from(one.tbsHash) })));
      }),
    );
  });

  it("has one encoding: whatever is accepted is written back to the same bytes, and nothing else is thrown than JournalError", () => {
    let accepted = 0;
    fc.assert(
      fc.property(batch, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }), (intents, changes) => {
        const bytes = Buffer.from(encodeIntentBatch(intents));
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        if (codeOf(bytes) !== "accepted") return;
        accepted += 1;
        expect(Buffer.from(encodeIntentBatch(decodeIntentBatch(bytes))).equals(bytes)).toBe(true);
      }),
      { numRuns: 300 },
    );
    expect(accepted).toBeGreaterThan(30);
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => codeOf(bytes) !== "accepted"));
  });

  it.each<[string, string, (bytes: Buffer) => void]>([
    ["another format", "BATCH_VERSION", (bytes) => bytes.write("PK")],
    ["a later version", "BATCH_VERSION", (bytes) => bytes.writeUInt8(2, 4)],
    ["no intents", "BATCH_MALFORMED", (bytes) => bytes.writeUInt32BE(0, 5)],
    ["one intent too many in the count", "BATCH_MALFORMED", (bytes) => bytes.writeUInt32BE(2, 5)],
    ["four billion intents", "BATCH_TOO_LARGE", (bytes) => bytes.writeUInt32BE(0xffffffff, 5)],
    ["an unknown kind", "BATCH_MALFORMED", (bytes) => bytes.writeUInt8(3, 9)],
    ["a serial number without digits", "BATCH_MALFORMED", (bytes) => bytes.writeUInt8(0, 10)],
    ["a filled spare half byte", "BATCH_MALFORMED", (bytes) => bytes.writeUInt8(0x10, 11)],
    ["a time beyond 2^53", "BATCH_MALFORMED", (bytes) => bytes.writeUInt8(0xff, 14)],
  ])("refuses %s", (_, code, change) => {
    expect(codeOf(patched(change))).toBe(code);
  });

  it("refuses every truncation, a spare byte, broken UTF-8 and a huge batch", () => {
    const bytes = encodeIntentBatch([sample]);
    for (let length = 0; length < bytes.length; length += 1)
      expect(codeOf(bytes.subarray(0, length))).not.toBe("accepted");
    expect(codeOf(Buffer.concat([bytes, Buffer.alloc(1)]))).toBe("BATCH_MALFORMED");
    expect(codeOf(patched((all) => all.writeUInt8(0xff, all.length - 1)))).toBe("BATCH_MALFORMED");
    expect(codeOf(new Uint8Array(maxBatchBytes + 1))).toBe("BATCH_TOO_LARGE");
  });

  it.each<[string, Partial<Intent>]>([
    ["an upper-case serial number", { serialNumber: "AB" }],
    ["an empty serial number", { serialNumber: "" }],
    ["a long serial number", { serialNumber: "a".repeat(65) }],
    ["a short hash", { tbsHash: new Uint8Array(20) }],
    ["a negative time", { notBefore: -1 }],
    ["half a second", { notAfter: 0.5 }],
    ["a lone surrogate", { requester: "\ud800" }],
    ["a long ID", { spiffeId: "x".repeat(2049) }],
    ["another kind", { kind: "wit" as "jwt" }],
  ])("does not write %s", (_, change) => {
    expect(() => encodeIntentBatch([{ ...sample, ...change }])).toThrow(/./);
  });

  it("does not write an empty batch", () => {
    expect(() => encodeIntentBatch([])).toThrow(RangeError);
  });

  it("gives each intent a leaf hash of its own", () => {
    const hashes = intentLeafHashes([sample, { ...sample, entryRevision: 4 }, sample]).map((hash) => Buffer.from(hash));
    expect(hashes[0]).toEqual(hashes[2]);
    expect(hashes[0]).not.toEqual(hashes[1]);
  });

  it("does not matter to the root of a history: only what is in it and the order do", () => {
    const [a, b, c] = [1, 2, 3].map((entryRevision) => ({ ...sample, entryRevision }));
    const rootOf = (...batches: (Intent | undefined)[][]): string => {
      const rows = batches.map((batch) => encodeIntentBatch(batch.filter((one) => one !== undefined)));
      const leaves = rows.flatMap((row) => intentLeafHashes(decodeIntentBatch(row)));
      return Buffer.from(treeRoot(leaves)).toString("hex");
    };
    expect(rootOf([a, b], [c])).toBe(rootOf([a], [b, c]));
    expect(rootOf([b], [a, c])).not.toBe(rootOf([a], [b, c]));
  });
});
