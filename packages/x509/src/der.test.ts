// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assertDer } from "./der.ts";
import { tlv } from "./der-writer.ts";
import { X509Error } from "./errors.ts";

function codeOf(bytes: Uint8Array, max = 1_000_000): string {
  try {
    assertDer(bytes, max);
    return "accepted";
  } catch (error) {
    if (error instanceof X509Error) return error.code;
    throw error;
  }
}

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(" ", ""), "hex"));

/** Well-formed values, some levels deep. */
const value: fc.Arbitrary<Uint8Array> = fc.letrec<{ node: Uint8Array; leaf: Uint8Array }>((tie) => ({
  node: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    tie("leaf"),
    fc
      .tuple(fc.constantFrom(0x30, 0x31, 0xa0, 0xa3), fc.array(tie("node"), { maxLength: 4 }))
      .map(([tag, members]) => tlv(tag, ...members)),
  ),
  leaf: fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map((octets) => tlv(0x04, octets)),
    fc
      .constantFrom("010100", "0101ff", "0500", "020100", "02020080", "0201ff", "0603550403", "03020780", "0c0161")
      .map(hex),
  ),
})).node;

describe("the DER gate", () => {
  it.each([
    ["nothing", ""],
    ["half a header", "30"],
    ["an indefinite length", "3080 0000"],
    ["a length of one octet written as two", "308105 0203010203"],
    ["a length with a leading zero octet", "30820003 020100"],
    ["a length in five octets", "308500000000 03 020100"],
    ["a length of 2^31", "308480000000"],
    ["a value that reaches beyond its parent", "3003 020401"],
    ["a high tag number", "1f8101 00"],
    ["end-of-contents octets", "3002 0000"],
    ["an INTEGER without octets", "0200"],
    ["an INTEGER with a spare 00", "02020001"],
    ["an INTEGER with a spare FF", "0202ff80"],
    ["a BOOLEAN of 01", "010101"],
    ["a BOOLEAN of two octets", "0102ffff"],
    ["a BIT STRING without octets", "0300"],
    ["a BIT STRING with eight unused bits", "03020800"],
    ["unused bits of an empty BIT STRING", "030101"],
    ["padding bits that are not zero", "03020781"],
    ["an OID without octets", "0600"],
    ["an OID that is cut off", "06025583"],
    ["an OID arc with a leading 80", "0603558003"],
    ["a NULL with contents", "050100"],
    ["a constructed OCTET STRING", "2403040100"],
    ["a primitive SEQUENCE", "1000"],
    ["a primitive SET", "1100"],
  ])("refuses %s", (_, text) => {
    expect(codeOf(hex(text))).toBe("DER_MALFORMED");
  });

  it("names bytes after the value, size and depth for themselves", () => {
    expect(codeOf(hex("0500 00"))).toBe("DER_TRAILING");
    expect(codeOf(hex("0500"), 1)).toBe("TOO_LARGE");
    let nested: Uint8Array = hex("0500");
    for (let level = 0; level < 32; level += 1) nested = tlv(0x30, nested);
    expect(codeOf(nested)).toBe("accepted");
    expect(codeOf(tlv(0x30, nested))).toBe("TOO_DEEP");
  });

  it("accepts what is well formed and refuses it with any byte behind or any end cut off", () => {
    fc.assert(
      fc.property(value, fc.nat(), (bytes, cut) => {
        expect(codeOf(bytes)).toBe("accepted");
        expect(codeOf(Uint8Array.from([...bytes, 0]))).toBe("DER_TRAILING");
        expect(codeOf(bytes.subarray(0, cut % bytes.length))).toBe("DER_MALFORMED");
      }),
    );
  });

  it("throws nothing but its own error", () => {
    fc.assert(
      fc.property(value, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }), (bytes, changes) => {
        for (const [at, octet] of changes) bytes[at % bytes.length] = octet;
        codeOf(bytes);
      }),
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => codeOf(bytes) !== ""));
  });
});
