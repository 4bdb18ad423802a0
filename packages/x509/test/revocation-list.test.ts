// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { extension, oid, sequence, tlv } from "../src/der-writer.ts";
import { type Certificate, RevocationList } from "../src/index.ts";
import { OID } from "../src/oid.ts";
import { certify, party, plainSigning } from "./chains.ts";
import { der } from "./leaf-parts.ts";
import { codeOf, crl, entries, entry, listOf, r, root, write } from "./revocation-lists.ts";

const leaf = certify(party("L"), r);

describe("RevocationList", () => {
  it("finds exactly the serial numbers that were written, whatever they are", () => {
    const serialNumber = fc.bigInt({ min: 1n, max: 2n ** 159n - 1n });
    fc.assert(
      fc.property(fc.uniqueArray(serialNumber, { maxLength: 30 }), (numbers) => {
        const list = RevocationList.parse(write(numbers));
        expect(list.revokedCount).toBe(numbers.length);
        const listed = certify(party("L"), r, { serialNumber: numbers[0] ?? 1n });
        expect(list.isRevoked(listed)).toBe(numbers.length > 0);
        expect(list.isRevoked(leaf)).toBe(numbers.includes(leaf.serialNumber));
      }),
      { numRuns: 60 },
    );
  });

  it("names nobody of another issuer, but knows its own by another encoding of the name", () => {
    const list = listOf({ entries: entries(entry(leaf.serialNumber)) });
    expect(list.isRevoked(leaf)).toBe(true);
    const other = certify(party("L"), party("Q"), { serialNumber: leaf.serialNumber });
    expect(list.isRevoked(other)).toBe(false);
    const printable = sequence(tlv(0x31, sequence(oid("2.5.4.3"), tlv(0x13, Buffer.from("r")))));
    const same = listOf({ entries: entries(entry(leaf.serialNumber)), issuer: printable });
    expect(same.isRevoked(leaf)).toBe(true);
    expect(() => {
      same.assertSignedBy(root);
    }).not.toThrow();
  });

  it("is signed by its issuer, by a CA, with cRLSign, with a strong algorithm, or not at all", () => {
    const code = (list: RevocationList, issuer: Certificate): string =>
      codeOf(() => {
        list.assertSignedBy(issuer);
      });
    const list = listOf({});
    expect(code(list, root)).toBe("ok");
    expect(code(list, certify(r, r, { ca: true, keyUsage: null }))).toBe("ok");
    expect(code(list, certify(r, r, { ca: true, keyUsage: "03020204" }))).toBe("SIGNER_NO_CRL_SIGN");
    expect(code(list, certify(r, r, { ca: false }))).toBe("SIGNER_NOT_CA");
    const [namesake, stranger] = [party("R"), party("Q")];
    expect(code(list, certify(namesake, namesake, { ca: true }))).toBe("UNTRUSTED");
    expect(code(list, certify(stranger, stranger, { ca: true }))).toBe("UNTRUSTED");
    expect(code(listOf({ signing: plainSigning("1.2.840.10045.4.1", "sha1") }), root)).toBe("WEAK_SIGNATURE");
    const weak = party("R", generateKeyPairSync("rsa", { modulusLength: 1024 }));
    const signing = plainSigning(OID.sha256WithRsa, "sha256");
    expect(code(listOf({ signer: weak.keys, signing }), certify(weak, weak, { ca: true, signing }))).toBe("WEAK_KEY");
  });

  const yes = der.hex("0500");
  it.each<[string, Uint8Array, string]>([
    ["a good one", crl({}), "ok"],
    ["one without nextUpdate", crl({ nextUpdate: [] }), "ok"],
    ["one without extensions", crl({ extensions: [] }), "ok"],
    ["version 1", crl({ version: [] }), "MALFORMED"],
    ["version 3", crl({ version: [der.hex("020102")] }), "MALFORMED"],
    ["no issuer", crl({ issuer: sequence() }), "MALFORMED"],
    ["two algorithms", crl({ outer: sequence(oid(OID.ecdsaWithSha384)) }), "MALFORMED"],
    ["an empty list of entries", crl({ entries: [sequence()] }), "MALFORMED"],
    ["an unknown extension", crl({ extensions: [extension("1.2.3", false, yes)] }), "ok"],
    ["an unknown critical extension", crl({ extensions: [extension("1.2.3", true, yes)] }), "UNKNOWN_CRITICAL"],
    ["an issuingDistributionPoint", crl({ extensions: [extension("2.5.29.28", true, yes)] }), "UNKNOWN_CRITICAL"],
    ["one that is not critical", crl({ extensions: [extension("2.5.29.28", false, yes)] }), "UNKNOWN_CRITICAL"],
    ["a delta list", crl({ extensions: [extension("2.5.29.27", true, der.hex("020101"))] }), "UNKNOWN_CRITICAL"],
    ["a negative number", crl({ extensions: [extension(OID.crlNumber, false, der.hex("0201ff"))] }), "MALFORMED"],
    ["a long number", crl({ extensions: [extension(OID.crlNumber, false, tlv(2, Buffer.alloc(21, 1)))] }), "MALFORMED"],
    [
      "a number not minimal",
      crl({ extensions: [extension(OID.crlNumber, false, der.hex("02020001"))] }),
      "DER_MALFORMED",
    ],
    ["no extension in the list of them", crl({ explicit: [tlv(0xa0, sequence())] }), "MALFORMED"],
    [
      "an extension twice",
      crl({ extensions: [extension("1.2.3", false, yes), extension("1.2.3", false, yes)] }),
      "DUPLICATE_EXTENSION",
    ],
    [
      "an entry with a reason",
      crl({ entries: entries(entry(1n, extension(OID.reasonCode, false, der.hex("0a0101")))) }),
      "ok",
    ],
    [
      "an entry taken off the list",
      crl({ entries: entries(entry(1n, extension(OID.reasonCode, false, der.hex("0a0108")))) }),
      "MALFORMED",
    ],
    [
      "an entry with an unknown reason",
      crl({ entries: entries(entry(1n, extension(OID.reasonCode, false, der.hex("0a0107")))) }),
      "MALFORMED",
    ],
    [
      "an entry with a critical extension",
      crl({ entries: entries(entry(1n, extension("1.2.3", true, yes))) }),
      "UNKNOWN_CRITICAL",
    ],
    [
      "an entry of another issuer",
      crl({ entries: entries(entry(1n, extension("2.5.29.29", false, yes))) }),
      "UNKNOWN_CRITICAL",
    ],
    [
      "an entry with a member too many",
      crl({
        entries: entries(
          sequence(
            der.hex("020101"),
            der.hex("170d3236313132343132303030305a"),
            sequence(extension("1.2.3", false, yes)),
            yes,
          ),
        ),
      }),
      "MALFORMED",
    ],
    [
      "an entry with a bad date",
      crl({ entries: entries(sequence(der.hex("020101"), der.hex("170d3236313332343132303030305a"))) }),
      "MALFORMED",
    ],
    ["a byte behind it", Uint8Array.from([...crl({}), 0]), "DER_TRAILING"],
    ["nothing", new Uint8Array(), "DER_MALFORMED"],
    ["over 4 MiB", new Uint8Array(4_194_305), "TOO_LARGE"],
    [
      "over 200,000 entries",
      crl({
        entries: [
          sequence(
            Buffer.concat(
              Array.from({ length: 200_001 }, () =>
                sequence(der.hex("020101"), der.hex("170d3236313132343132303030305a")),
              ),
            ),
          ),
        ],
      }),
      "TOO_LARGE",
    ],
  ])("%s: %#", (_, bytes, code) => {
    expect(codeOf(() => RevocationList.parse(bytes))).toBe(code);
  });

  it("refuses every cut of a good list, and keeps what it read when the caller's bytes change", () => {
    const good = crl({ entries: entries(entry(leaf.serialNumber)) });
    for (let length = 0; length < good.length; length++)
      expect(codeOf(() => RevocationList.parse(good.subarray(0, length)))).not.toBe("ok");
    const list = RevocationList.parse(good);
    good.fill(0);
    expect(list.isRevoked(leaf)).toBe(true);
  });

  it("reads the largest list quickly and answers from it at once", () => {
    const serialNumbers = Array.from({ length: 120_000 }, (_, n) => 2n ** 63n + BigInt(n));
    const bytes = write(serialNumbers);
    const from = performance.now();
    const list = RevocationList.parse(bytes);
    const parseMs = performance.now() - from;
    const again = performance.now();
    for (let n = 0; n < 1_000; n++) list.isRevoked(leaf);
    expect([list.revokedCount, list.isRevoked(leaf)]).toEqual([120_000, false]);
    expect(parseMs).toBeLessThan(2_000);
    expect(performance.now() - again).toBeLessThan(500);
    console.info(`${bytes.length} bytes read in ${Math.round(parseMs)} ms`);
  });
});
