// SPDX-License-Identifier: Apache-2.0
import { X509Certificate } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { extension, oid, sequence, tlv } from "../src/der-writer.ts";
import { Certificate, X509Error } from "../src/index.ts";
import { commonNameDer, emptyName } from "../src/name.ts";
import { OID } from "../src/oid.ts";
import { type Authority, ecKeys, leafFields, openAuthority, spkiOf } from "./authority.ts";
import { assemble, der, dns, good, leafParts, type LeafParts, subjectAltName, uri } from "./leaf-parts.ts";

let authority: Authority;
const spki = spkiOf(ecKeys());

beforeAll(async () => {
  authority = await openAuthority();
});

function made(change: (parts: LeafParts) => void): Uint8Array {
  const parts = leafParts(leafFields(spki), authority);
  change(parts);
  return assemble(parts, authority);
}

function codeOf(bytes: Uint8Array): string {
  try {
    Certificate.parse(bytes);
    return "accepted";
  } catch (error) {
    if (error instanceof X509Error) return error.code;
    throw error;
  }
}

const only =
  (...extensions: Uint8Array[]) =>
  (parts: LeafParts): void => {
    parts.extensions = extensions;
  };
const utcTime = (text: string): Uint8Array => tlv(0x17, Buffer.from(text));
const generalizedTime = (text: string): Uint8Array => tlv(0x18, Buffer.from(text));
const rdn = (type: string, tag: number, value: Uint8Array): Uint8Array =>
  sequence(tlv(0x31, sequence(oid(type), tlv(tag, value))));

describe("Certificate.parse", () => {
  it("reads a certificate as OpenSSL does", () => {
    const bytes = made(() => undefined);
    const certificate = Certificate.parse(bytes);
    const oracle = new X509Certificate(bytes);
    expect(BigInt(`0x${oracle.serialNumber}`)).toBe(certificate.serialNumber);
    expect(oracle.subjectAltName).toBe(`URI:${certificate.uris.join()}`);
    expect([oracle.validFromDate, oracle.validToDate]).toEqual([certificate.notBefore, certificate.notAfter]);
    expect(oracle.fingerprint256.replaceAll(":", "").toLowerCase()).toBe(certificate.fingerprint);
    expect(oracle.publicKey.equals(certificate.publicKey)).toBe(true);
    expect([oracle.ca, certificate.isCa, certificate.keyUsage?.digitalSignature]).toEqual([false, false, true]);
    expect([certificate.isSignedBy(authority.certificate), certificate.isSignedBy(certificate)]).toEqual([true, false]);
    expect([certificate.equals(Certificate.parse(bytes)), certificate.equals(authority.certificate)]).toEqual([
      true,
      false,
    ]);
  });

  it.each<[string, string, (parts: LeafParts) => void]>([
    ["version 1", "MALFORMED", (parts) => (parts.version = new Uint8Array())],
    ["version 2", "MALFORMED", (parts) => (parts.version = der.hex("a003020101"))],
    ["an extension twice", "DUPLICATE_EXTENSION", only(good.keyUsage, good.keyUsage)],
    [
      "criticality spelled out as FALSE",
      "MALFORMED",
      only(sequence(oid("1.2.3"), der.hex("010100"), der.hex("04020500"))),
    ],
    ["a CA spelled out as FALSE", "MALFORMED", only(extension(OID.basicConstraints, true, der.hex("3003010100")))],
    ["a negative path length", "MALFORMED", only(extension(OID.basicConstraints, true, der.hex("30060101ff0201ff")))],
    ["more in basic constraints", "MALFORMED", only(extension(OID.basicConstraints, true, der.hex("30020500")))],
    ["a key usage without bits", "MALFORMED", only(extension(OID.keyUsage, true, der.hex("030100")))],
    ["a key usage with a tenth bit", "MALFORMED", only(extension(OID.keyUsage, true, der.hex("0303060040")))],
    ["a key usage with bytes behind", "DER_TRAILING", only(extension(OID.keyUsage, true, der.hex("0302078000")))],
    ["no purposes", "MALFORMED", only(extension(OID.extKeyUsage, false, sequence()))],
    ["an empty SKI", "MALFORMED", only(extension(OID.subjectKeyIdentifier, false, der.hex("0400")))],
    ["an empty AKI", "MALFORMED", only(extension(OID.authorityKeyIdentifier, false, der.hex("30028000")))],
    [
      "an AKI with a serial number and no issuer",
      "MALFORMED",
      only(extension(OID.authorityKeyIdentifier, false, der.hex("3003820101"))),
    ],
    ["names without a name", "MALFORMED", only(subjectAltName([]))],
    ["an empty URI", "MALFORMED", only(subjectAltName([uri("")]))],
    ["a URI that is not ASCII", "MALFORMED", only(subjectAltName([tlv(0x86, der.hex("c3a4"))]))],
    ["an IP address of five octets", "MALFORMED", only(subjectAltName([tlv(0x87, new Uint8Array(5))]))],
    ["an unknown kind of name", "MALFORMED", only(subjectAltName([tlv(0x89, new Uint8Array(5))]))],
    ["empty name constraints", "MALFORMED", only(extension(OID.nameConstraints, true, sequence()))],
    ["an empty list of subtrees", "MALFORMED", only(extension(OID.nameConstraints, true, der.hex("3002a000")))],
    [
      "a subtree with a minimum",
      "MALFORMED",
      only(extension(OID.nameConstraints, true, sequence(tlv(0xa0, sequence(dns("a"), der.hex("800101")))))),
    ],
    [
      "an IP subtree of four octets",
      "MALFORMED",
      only(extension(OID.nameConstraints, true, sequence(tlv(0xa0, sequence(tlv(0x87, new Uint8Array(4))))))),
    ],
    ["policies that are no sequence", "MALFORMED", only(extension(OID.certificatePolicies, false, der.hex("0500")))],
    ["an RDN without attributes", "MALFORMED", (parts) => (parts.subject = sequence(tlv(0x31)))],
    ["the 30th of February", "MALFORMED", (parts) => (parts.notBefore = utcTime("260230120000Z"))],
    ["a leap second", "MALFORMED", (parts) => (parts.notBefore = utcTime("261231235960Z"))],
    ["hour 24", "MALFORMED", (parts) => (parts.notBefore = utcTime("261231240000Z"))],
    ["no seconds", "MALFORMED", (parts) => (parts.notBefore = utcTime("2612312359Z"))],
    ["an offset", "MALFORMED", (parts) => (parts.notBefore = utcTime("261231235959+0100"))],
    ["a fraction", "MALFORMED", (parts) => (parts.notAfter = generalizedTime("20500101000000.5Z"))],
    ["GeneralizedTime before 2050", "MALFORMED", (parts) => (parts.notAfter = generalizedTime("20261231235959Z"))],
    ["GeneralizedTime from 2050 on", "accepted", (parts) => (parts.notAfter = generalizedTime("99991231235959Z"))],
    ["an attribute of any type", "accepted", (parts) => (parts.subject = rdn("1.2.3", 0x1e, der.hex("00410042")))],
    [
      "a directory name, a registered ID and an otherName",
      "accepted",
      only(
        subjectAltName([
          tlv(0xa4, emptyName),
          tlv(0x88, der.hex("2a")),
          tlv(0xa0, oid("1.2"), tlv(0xa0, der.hex("0500"))),
        ]),
      ),
    ],
  ])("%s: %s", (_, code, change) => {
    expect(codeOf(made(change))).toBe(code);
  });

  it("refuses two signature algorithms, unique identifiers, and a list of extensions that is empty", () => {
    const bytes = made(() => undefined);
    const { tbs, signature } = Certificate.parse(bytes);
    const bitString = tlv(3, Uint8Array.of(0), signature);
    expect(codeOf(sequence(tbs, sequence(oid(OID.ecdsaWithSha384)), bitString))).toBe("MALFORMED");
    expect(codeOf(sequence(tbs, bitString))).toBe("MALFORMED");
    const unique = sequence(...splitSequence(tbs).slice(0, 7), der.hex("81020000"));
    expect(codeOf(sequence(unique, sequence(oid(OID.ecdsaWithSha256)), bitString))).toBe("MALFORMED");
    const empty = sequence(...splitSequence(tbs).slice(0, 7), tlv(0xa3, sequence()));
    expect(codeOf(sequence(empty, sequence(oid(OID.ecdsaWithSha256)), bitString))).toBe("MALFORMED");
  });

  it("lists critical extensions that it does not process, and takes path lengths as far as they go", () => {
    const odd = Certificate.parse(made((parts) => parts.extensions.push(extension("1.2.3", true, der.hex("0500")))));
    expect(odd.unknownCritical).toEqual(["1.2.3"]);
    const ca = Certificate.parse(made(only(extension(OID.basicConstraints, true, der.hex("30070101ff02020100")))));
    expect([ca.isCa, ca.pathLength]).toEqual([true, 255]);
  });

  it("shows subjects to people without control characters, and finds the last CN", () => {
    const subject = (tag: number, value: Uint8Array): string =>
      Certificate.parse(made((parts) => (parts.subject = rdn(OID.commonName, tag, value)))).subjectText;
    expect(subject(0x0c, Buffer.from("a,b\n\u0007 "))).toBe(String.raw`CN=a\,b\0a\07\ `);
    expect(subject(0x1e, der.hex("00e40042"))).toBe("CN=\u00e4B");
    expect(subject(0x0c, der.hex("ff"))).toBe("CN=#ff");
    expect(subject(0x14, der.hex("e4"))).toBe("CN=\u00e4");
    const two = sequence(...[commonNameDer("one"), commonNameDer("two")].flatMap(splitSequence));
    expect(Certificate.parse(made((parts) => (parts.subject = two))).commonName).toBe("two");
  });
});

/** Members of a SEQUENCE, each DER; for headers of up to three octets. */
function splitSequence(bytes: Uint8Array): Uint8Array[] {
  const header = (at: number): number => ((bytes[at + 1] ?? 0) < 0x80 ? 2 : 2 + ((bytes[at + 1] ?? 0) & 0x7f));
  const lengthAt = (at: number): number => {
    const first = bytes[at + 1] ?? 0;
    return first < 0x80 ? first : bytes.subarray(at + 2, at + header(at)).reduce((sum, octet) => sum * 256 + octet, 0);
  };
  const out: Uint8Array[] = [];
  for (let at = header(0); at < bytes.length; ) {
    const end = at + header(at) + lengthAt(at);
    out.push(bytes.subarray(at, end));
    at = end;
  }
  return out;
}
