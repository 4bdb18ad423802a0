// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codeOf } from "../test/codes.ts";
import { anyText } from "../test/texts.ts";
import { newSigner, signerOf } from "../test/memory-log.ts";
import { formatNote, parseNote } from "./note.ts";
import { NoteKey } from "./note-key.ts";
import { createNoteSigner, signNote, verifyNote } from "./sign-note.ts";

// The example of golang.org/x/mod/sumdb/note, which the format comes from.
const goText = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const goSeed = Buffer.from("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz", "base64").subarray(1);
const goKey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const goLine =
  "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
const goNote = `${goText}\n${goLine}`;

// The example of C2SP signed-note.
const c2spKey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const c2spNote =
  "This is an example message.\n\n\u2014 example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

describe("a signed note", () => {
  it("of the Go module is made from its key, byte for byte, and verifies with its vkey", async () => {
    const signer = signerOf("PeterNeumann", goSeed);
    expect(signer.key.toString()).toBe(goKey);
    expect(await signNote(goText, signer)).toBe(goNote);
    expect(verifyNote(goNote, [NoteKey.parse(goKey)])).toMatchObject({ text: goText });
    expect(verifyNote(Buffer.from(goNote), [NoteKey.parse(goKey)])).toMatchObject({ text: goText });
  });

  it("of the standard verifies with its vkey, with no other and with no other text", () => {
    const key = NoteKey.parse(c2spKey);
    expect(key).toMatchObject({ name: "example.com/foo", id: 0x530d903a });
    expect(verifyNote(c2spNote, [NoteKey.parse(goKey), key]).keys).toEqual([key]);
    expect(codeOf(() => verifyNote(c2spNote, [NoteKey.parse(goKey)]))).toBe("KEY_UNKNOWN");
    expect(codeOf(() => verifyNote(c2spNote, []))).toBe("KEY_UNKNOWN");
    expect(codeOf(() => verifyNote(c2spNote.replace("an", "no"), [key]))).toBe("SIGNATURE_INVALID");
  });

  it("is trusted by one key, ignores strangers, and falls with a trusted key's false signature", async () => {
    const [one, two, stranger] = [newSigner("one"), newSigner("two"), newSigner("one")];
    const lines = async (signers: readonly (typeof one)[], text: string): Promise<string> =>
      (await Promise.all(signers.map((signer) => signNote(text, signer))))
        .map((note) => note.split("\n\n")[1])
        .join("");
    const note = `hello\n\n${await lines([stranger, one], "hello\n")}`;
    expect(verifyNote(note, [one.key, two.key]).keys).toEqual([one.key]);
    expect(codeOf(() => verifyNote(note, [two.key]))).toBe("KEY_UNKNOWN");
    const spoilt = `hello\n\n${await lines([one], "hello\n")}${await lines([two], "bye\n")}`;
    expect(verifyNote(spoilt, [one.key]).keys).toEqual([one.key]);
    expect(codeOf(() => verifyNote(spoilt, [one.key, two.key]))).toBe("SIGNATURE_INVALID");
  });

  it.each([
    ["nothing", ""],
    ["a text without signatures", goText],
    ["an empty signature part", `${goText}\n`],
    ["a signature without a newline", goNote.slice(0, -1)],
    ["a hyphen for the dash", goNote.replace("\u2014", "-")],
    ["two spaces", goNote.replace(" PeterNeumann ", " PeterNeumann  ")],
    ["a name with a plus", goNote.replace("PeterNeumann", "Peter+Neumann")],
    ["a name with a no-break space", goNote.replace("PeterNeumann", "Peter\u00a0Neumann")],
    ["no name", goNote.replace("PeterNeumann ", " ")],
    ["a word after the signature", `${goNote.slice(0, -1)} x\n`],
    ["base64 without padding", goNote.replace("=\n", "\n")],
    ["base64 of another alphabet", goNote.replace("/ZJ", "_ZJ")],
    ["loose bits in the base64", goNote.replace("nAM=", "nAN=")],
    ["a signature of no bytes", `${goText}\n\u2014 PeterNeumann x08gow==\n`],
    ["a carriage return", goNote.replace("\n", "\r\n")],
    ["a NUL", goNote.replace("you", "\0")],
    ["a lone surrogate", goNote.replace("you", "\ud800")],
    ["a hundred and one signatures", goNote + goLine.repeat(100)],
    ["a megabyte", `${"x".repeat(1_000_000)}${goNote}`],
  ])("refuses %s", (_, note) => {
    expect(codeOf(() => parseNote(note))).toBe("NOTE_MALFORMED");
  });

  it("refuses what is not UTF-8 and takes a hundred signatures", () => {
    expect(codeOf(() => parseNote(Buffer.from(goNote, "latin1")))).toBe("NOTE_MALFORMED");
    expect(parseNote(goNote + goLine.repeat(99)).signatures).toHaveLength(100);
  });

  it("comes back as it was written, with empty lines in its text", () => {
    const line = anyText(12).map((text) => text.replaceAll(/\p{Cc}/gu, ""));
    const text = fc.array(line, { maxLength: 5 }).map((lines) => `${lines.join("\n")}\n`);
    const signature = fc.record({
      name: fc.constantFrom("a", "example.org/log", "\u00e9\u{1f600}"),
      keyId: fc.nat({ max: 0xffffffff }),
      signature: fc.uint8Array({ minLength: 1, maxLength: 80 }),
    });
    fc.assert(
      fc.property(text, fc.array(signature, { minLength: 1, maxLength: 4 }), (text, signatures) => {
        expect(parseNote(formatNote({ text, signatures }))).toEqual({ text, signatures });
      }),
    );
  });

  it.each([
    ["no newline at the end", "hello"],
    ["a tab", "a\tb\n"],
    ["a lone surrogate", "\udfff\n"],
  ])("does not sign a text with %s", async (_, text) => {
    await expect(signNote(text, newSigner())).rejects.toThrow(TypeError);
  });
});

describe("a verifier key", () => {
  it("comes back as it was written", () => {
    for (const vkey of [goKey, c2spKey, newSigner("x").key.toString()])
      expect(NoteKey.parse(vkey).toString()).toBe(vkey);
  });

  it.each([
    ["nothing", ""],
    ["two parts", goKey.slice(0, goKey.lastIndexOf("+"))],
    ["no name", goKey.replace("PeterNeumann", "")],
    ["a space in the name", goKey.replace("Peter", "Peter ")],
    ["another name: the ID is not its own", goKey.replace("Peter", "Petra")],
    ["another ID", goKey.replace("c74f20a3", "c74f20a4")],
    ["an upper-case ID", goKey.replace("c74f20a3", "C74F20A3")],
    ["another key", goKey.replace("ARpc2", "ARpc3")],
    ["a cosigner's type", goKey.replace("+ARpc", "+BBpc")],
    ["a short key", goKey.slice(0, -4)],
    ["a newline", `${goKey}\n`],
    ["a kilobyte", `${"x".repeat(1024)}${goKey}`],
  ])("refuses %s", (_, vkey) => {
    expect(codeOf(() => NoteKey.parse(vkey))).toBe("KEY_MALFORMED");
  });

  it("is an Ed25519 key with a name that notes can carry", () => {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    expect(() => createNoteSigner("x", privateKey)).toThrow(TypeError);
    expect(() => NoteKey.of("x", publicKey)).toThrow(TypeError);
    expect(() => NoteKey.of("x", generateKeyPairSync("ed25519").privateKey)).toThrow(TypeError);
    expect(() => newSigner("two words")).toThrow(TypeError);
  });
});
