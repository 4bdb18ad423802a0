// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codeOf } from "./codes.ts";
import { type MemoryLogStore, newSigner, realClock, recordOf, writeLog } from "./memory-log.ts";
import { LogWriter } from "../src/log-writer.ts";
import { formatReceipt, parseReceipt } from "../src/receipt.ts";
import { encodeRecord } from "../src/record-codec.ts";
import { verifyReceipt } from "../src/verify-receipt.ts";

const signer = newSigner();
const vkey = signer.key.toString();
const store = await writeLog(
  Array.from({ length: 300 }, (_, number) => recordOf(number)),
  signer,
);

async function receiptOf(index: number, from: MemoryLogStore = store): Promise<string> {
  await using writer = await LogWriter.open({ store: from, signer, clock: realClock });
  return writer.receipt(index);
}

const receipt = await receiptOf(259);
const lines = receipt.split("\n");

describe("a receipt", () => {
  it("proves its record with nothing but the vkey, for every record", async () => {
    await using writer = await LogWriter.open({ store, signer, clock: realClock });
    for (let index = 0; index < 300; index += 1) {
      const { record, checkpoint, ...proven } = verifyReceipt(await writer.receipt(index), vkey);
      expect([record, checkpoint.size, proven.index]).toEqual([recordOf(index), 300, index]);
      expect(Buffer.from(proven.entry)).toEqual(encodeRecord(record));
    }
  });

  it("has the form of the standard", () => {
    expect(lines[0]).toBe("c2sp.org/tlog-proof@v1");
    expect(lines[1]).toMatch(/^extra [A-Za-z0-9+/=]+$/);
    expect(lines[2]).toBe("index 259");
    expect(lines.slice(3, lines.indexOf("")).every((line) => /^[A-Za-z0-9+/]{43}=$/.test(line))).toBe(true);
    const [origin, size] = lines.slice(lines.indexOf("") + 1);
    expect([origin, size]).toEqual(["example.org/log", "300"]);
    expect(formatReceipt(parseReceipt(receipt))).toBe(receipt);
    expect(verifyReceipt(Buffer.from(receipt), vkey).index).toBe(259);
  });

  it("AUD-D11: is not believed from a key that it brings along: the vkey comes from elsewhere", async () => {
    const attacker = newSigner();
    const forged = await writeLog([recordOf(1, { actor: "mallory" })], attacker);
    await using writer = await LogWriter.open({ store: forged, signer: attacker, clock: realClock });
    const theirs = await writer.receipt(0);
    expect(verifyReceipt(theirs, attacker.key.toString()).record.actor).toBe("mallory");
    expect(codeOf(() => verifyReceipt(theirs, vkey))).toBe("KEY_UNKNOWN");
    const relabelled = theirs.replace(
      /\u2014 example\.org\/log .{6}/,
      receipt.match(/\u2014 example\.org\/log .{6}/)?.[0] ?? "",
    );
    expect(relabelled).not.toBe(theirs);
    expect(["SIGNATURE_INVALID", "KEY_UNKNOWN"]).toContain(codeOf(() => verifyReceipt(relabelled, vkey)));
    expect(codeOf(() => verifyReceipt(`${vkey}\n${theirs}`, vkey))).toBe("RECEIPT_MALFORMED");
  });

  it("AUD-D01: is not believed with any octet changed", () => {
    const bytes = Buffer.from(receipt);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const spoilt = Uint8Array.from(bytes);
        spoilt[at] = (spoilt[at] ?? 0) ^ change;
        expect(codeOf(() => verifyReceipt(spoilt, vkey))).not.toBe("accepted");
      }),
      { numRuns: 400 },
    );
  });

  it("is not believed for another index, record or checkpoint of the same log", async () => {
    const other = parseReceipt(await receiptOf(258));
    const mine = parseReceipt(receipt);
    expect(codeOf(() => verifyReceipt(formatReceipt({ ...mine, index: 258 }), vkey))).toBe("PROOF_INVALID");
    expect(codeOf(() => verifyReceipt(formatReceipt({ ...mine, extra: other.extra }), vkey))).toBe("PROOF_INVALID");
    expect(codeOf(() => verifyReceipt(formatReceipt({ ...mine, proof: other.proof }), vkey))).toBe("PROOF_INVALID");
    expect(codeOf(() => verifyReceipt(formatReceipt({ ...mine, index: 300 }), vkey))).toBe("PROOF_INVALID");
    expect(codeOf(() => verifyReceipt(formatReceipt({ ...mine, extra: undefined }), vkey))).toBe("RECEIPT_MALFORMED");
    const longer = await writeLog([recordOf(300)], signer, store);
    const checkpoint = parseReceipt(await receiptOf(0, longer)).checkpoint;
    expect(codeOf(() => verifyReceipt(formatReceipt({ ...mine, checkpoint }), vkey))).toBe("PROOF_INVALID");
  });

  it.each([
    ["nothing", ""],
    ["another header", receipt.replace("@v1", "@v2")],
    ["no index", receipt.replace("index 259\n", "")],
    ["an index with a leading zero", receipt.replace("index 259", "index 0259")],
    ["a negative index", receipt.replace("index 259", "index -1")],
    ["an index beyond 2^53", receipt.replace("index 259", "index 9007199254740992")],
    ["the extra data after the index", [lines[0], lines[2], lines[1], ...lines.slice(3)].join("\n")],
    ["extra data twice", [lines[0], lines[1], ...lines.slice(1)].join("\n")],
    ["extra data that is no base64", receipt.replace("extra ", "extra !")],
    ["a short hash", receipt.replace(lines[3] ?? "", "AAAA")],
    ["54 hashes", receipt.replace(`${lines[3] ?? ""}\n`, `${lines[3] ?? ""}\n`.repeat(54))],
    ["a carriage return", receipt.replace("index 259\n", "index 259\r\n")],
    ["no empty line", receipt.replaceAll("\n\n", "\n")],
    ["1.2 MB", receipt + "x".repeat(1_200_000)],
  ])("is not read from %s", (_, bad) => {
    expect(codeOf(() => parseReceipt(bad))).toBe("RECEIPT_MALFORMED");
  });

  it("comes back as it was written", () => {
    const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const parts = fc.record(
      {
        index: fc.maxSafeNat(),
        proof: fc.array(hash, { maxLength: 53 }),
        checkpoint: fc.string({ maxLength: 40 }),
        extra: fc.uint8Array(),
      },
      { requiredKeys: ["index", "proof", "checkpoint"] },
    );
    fc.assert(
      fc.property(parts, (parts) => {
        expect(parseReceipt(formatReceipt(parts))).toEqual(parts);
      }),
      { numRuns: 50 },
    );
    expect(() => formatReceipt({ index: -1, proof: [], checkpoint: "" })).toThrow(TypeError);
    expect(() => formatReceipt({ index: 0, proof: [new Uint8Array(31)], checkpoint: "" })).toThrow(TypeError);
  });
});
