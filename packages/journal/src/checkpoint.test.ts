// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codeOf } from "../test/codes.ts";
import { newSigner } from "../test/memory-log.ts";
import { type Checkpoint, formatCheckpoint, parseCheckpoint, signCheckpoint, verifyCheckpoint } from "./checkpoint.ts";
import { signNote } from "./sign-note.ts";

// The example of C2SP tlog-checkpoint.
const text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
const root = Uint8Array.from(Buffer.from("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=", "base64"));
const emptyRoot = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

describe("a checkpoint", () => {
  it("of the standard is read and written", () => {
    const checkpoint: Checkpoint = { origin: "example.com/behind-the-sofa", size: 20_852_163, root };
    expect(parseCheckpoint(text)).toEqual(checkpoint);
    expect(formatCheckpoint(checkpoint)).toBe(text);
    expect(parseCheckpoint(`${text}more\n`)).toEqual({ ...checkpoint, extensions: ["more"] });
    expect(formatCheckpoint({ ...checkpoint, extensions: ["more"] })).toBe(`${text}more\n`);
    expect(parseCheckpoint(`a\n0\n${emptyRoot}\n`).size).toBe(0);
  });

  it.each([
    ["nothing", ""],
    ["two lines", "a\n1\n"],
    ["no newline at the end", text.slice(0, -1)],
    ["an empty line", `${text}\n`],
    ["no origin", text.replace("example.com/behind-the-sofa", "")],
    ["a leading zero", text.replace("\n2", "\n02")],
    ["a sign", text.replace("\n2", "\n+2")],
    ["a size beyond 2^53", text.replace("20852163", "9007199254740992")],
    ["a size of a hundred digits", text.replace("20852163", "9".repeat(100))],
    ["a short root", text.replace("CsUY", "")],
    ["a root in other base64", text.replace("m/X", "m_X")],
    ["another root of the empty log", text.replace("20852163", "0")],
    ["64 KiB", text + "x".repeat(65_536)],
  ])("refuses %s", (_, bad) => {
    expect(codeOf(() => parseCheckpoint(bad))).toBe("CHECKPOINT_MALFORMED");
  });

  it("has one form: what is accepted is written back to the same text, and nothing else is thrown than JournalError", () => {
    const piece = fc.constantFrom("a", "\n", "0", "1", "\r", emptyRoot, "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=");
    const near = fc.tuple(fc.string(), fc.constant("\n7\n"), piece, fc.constant("\n"), fc.array(piece));
    let accepted = 0;
    fc.assert(
      fc.property(
        fc.oneof(
          near.map((parts) => parts.flat().join("")),
          fc.array(piece).map((all) => all.join("")),
        ),
        (text) => {
          if (codeOf(() => parseCheckpoint(text)) !== "accepted") return;
          accepted += 1;
          expect(formatCheckpoint(parseCheckpoint(text))).toBe(text);
        },
      ),
      { numRuns: 500 },
    );
    expect(accepted).toBeGreaterThan(5);
  });

  it("is believed from the log's own key only: a trusted witness does not speak for the log", async () => {
    const [log, witness] = [newSigner("example.org/log"), newSigner("example.org/witness")];
    const checkpoint = { origin: "example.org/log", size: 5, root };
    const note = await signCheckpoint(checkpoint, log);
    expect(verifyCheckpoint(note, [log.key, witness.key])).toEqual(checkpoint);
    const byWitness = await signNote(formatCheckpoint(checkpoint), witness);
    expect(codeOf(() => verifyCheckpoint(byWitness, [log.key, witness.key]))).toBe("KEY_UNKNOWN");
    await expect(signCheckpoint(checkpoint, witness)).rejects.toThrow(TypeError);
    const noCheckpoint = await signNote("hello\n", log);
    expect(codeOf(() => verifyCheckpoint(noCheckpoint, [log.key]))).toBe("CHECKPOINT_MALFORMED");
  });
});
