// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { formatReceipt, LogWriter, parseReceipt, verifyReceipt } from "../src/index.ts";
import { codeOf } from "./codes.ts";
import { newSigner, realClock, recordOf, writeLog } from "./memory-log.ts";

const script = fileURLToPath(new URL("second-verifier.py", import.meta.url));
const signer = newSigner();
const vkey = signer.key.toString();

/** What a verifier that shares no code with ours says. */
function secondOpinion(receipt: string, key: string): unknown {
  const { status, stdout, stderr, error } = spawnSync("python3", [script, key], { input: receipt, encoding: "utf8" });
  if (error !== undefined) throw error;
  if (status === 0) return JSON.parse(stdout);
  // Ended by a refusal or by text that it could not read: not by a program that is missing.
  expect(stderr).toMatch(/^(?:not |the )|ValueError|binascii\.Error|UnicodeDecodeError|IndexError/m);
  return "refused";
}

describe("a second verifier, in Python with openssl", () => {
  it.each([
    [1, [0]],
    [2, [1]],
    [257, [0, 255, 256]],
    [66_000, [3, 767, 65_535, 65_999]],
  ])("finds what ours finds in receipts from a log of %i records", async (size, indexes) => {
    const records = Array.from({ length: size }, (_, number) => recordOf(number));
    const store = await writeLog(records.slice(0, 60_000), signer);
    await writeLog(records.slice(60_000), signer, store);
    await using writer = await LogWriter.open({ store, signer, clock: realClock });
    for (const index of indexes) {
      const receipt = await writer.receipt(index);
      const { record, checkpoint } = verifyReceipt(receipt, vkey);
      expect(secondOpinion(receipt, vkey)).toEqual({ index, size: checkpoint.size, id: record.id });
      expect([checkpoint.size, record.id]).toEqual([size, `r${String(index)}`]);
    }
  });

  it("refuses what ours refuses: another key, index, record, path or checkpoint", async () => {
    const store = await writeLog(
      Array.from({ length: 300 }, (_, number) => recordOf(number)),
      signer,
    );
    await using writer = await LogWriter.open({ store, signer, clock: realClock });
    const receipt = await writer.receipt(70);
    const parts = parseReceipt(receipt);
    const other = parseReceipt(await writer.receipt(71));
    const changed = [
      { ...parts, index: 71 },
      { ...parts, extra: other.extra },
      { ...parts, proof: parts.proof.toReversed() },
      { ...parts, proof: parts.proof.slice(1) },
      { ...parts, checkpoint: parts.checkpoint.replace("\n300\n", "\n301\n") },
      { ...parts, checkpoint: parts.checkpoint.replace("example.org/log\n", "example.net/log\n") },
    ].map(formatReceipt);
    for (const bad of changed) {
      expect(codeOf(() => verifyReceipt(bad, vkey))).not.toBe("accepted");
      expect(secondOpinion(bad, vkey)).toBe("refused");
    }
    const stranger = newSigner().key.toString();
    expect(codeOf(() => verifyReceipt(receipt, stranger))).toBe("KEY_UNKNOWN");
    expect(secondOpinion(receipt, stranger)).toBe("refused");
    expect(secondOpinion(receipt, vkey)).toMatchObject({ index: 70 });
  });
});
