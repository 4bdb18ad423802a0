// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { extension, oid, sequence, tlv, unsignedInteger } from "../src/der-writer.ts";
import { Certificate, type LeafFields, lintLeaf, X509Error } from "../src/index.ts";
import { commonNameDer } from "../src/name.ts";
import { OID } from "../src/oid.ts";
import { algorithmDer } from "../src/signature.ts";
import { encodeTime } from "../src/time.ts";
import { type Authority, ecKeys, issue, leafFields, openAuthority, spkiOf } from "./authority.ts";
import { assemble, der, dns, type LeafParts, leafParts, subjectAltName, uri } from "./leaf-parts.ts";

let authority: Authority;
let fields: LeafFields;

beforeAll(async () => {
  authority = await openAuthority();
  fields = leafFields(spkiOf(ecKeys()));
});

function lint(bytes: Uint8Array, expected: LeafFields = fields, issuer = authority.certificate): string[] {
  return lintLeaf(Certificate.parse(bytes), { ...expected, issuer });
}

function spoiled(spoil: (parts: LeafParts) => void): string[] {
  const parts = leafParts(fields, authority);
  spoil(parts);
  return lint(assemble(parts, authority));
}

const at = { keyUsage: 0, extKeyUsage: 1, basicConstraints: 2, subjectKeyId: 3, authorityKeyId: 4, names: 5 } as const;
const replace =
  (which: keyof typeof at, ...by: Uint8Array[]) =>
  (parts: LeafParts): void => {
    parts.extensions.splice(at[which], 1, ...by);
  };
const web = "spiffe://example.org/web";

const defects: readonly (readonly [string, (parts: LeafParts) => void, readonly RegExp[]])[] = [
  [
    "an extra key usage bit",
    replace("keyUsage", extension(OID.keyUsage, true, der.hex("030205a0"))),
    [/key usage has another value/],
  ],
  [
    "keyCertSign",
    replace("keyUsage", extension(OID.keyUsage, true, der.hex("03020284"))),
    [/key usage has another value/],
  ],
  [
    "key usage that is not critical",
    replace("keyUsage", extension(OID.keyUsage, false, der.hex("03020780"))),
    [/key usage is not critical/],
  ],
  ["no key usage", replace("keyUsage"), [/key usage is missing/]],
  [
    "one purpose only",
    replace("extKeyUsage", extension(OID.extKeyUsage, false, sequence(oid(OID.serverAuth)))),
    [/extended key usage has another value/],
  ],
  [
    "a third purpose",
    replace(
      "extKeyUsage",
      extension(
        OID.extKeyUsage,
        false,
        sequence(oid(OID.serverAuth), oid(OID.clientAuth), oid(OID.anyExtendedKeyUsage)),
      ),
    ),
    [/extended key usage has another value/],
  ],
  [
    "critical purposes",
    replace("extKeyUsage", extension(OID.extKeyUsage, true, sequence(oid(OID.serverAuth), oid(OID.clientAuth)))),
    [/extended key usage is critical/],
  ],
  ["no purposes", replace("extKeyUsage"), [/extended key usage is missing/]],
  [
    "the rights of a CA",
    replace("basicConstraints", extension(OID.basicConstraints, true, der.hex("30030101ff"))),
    [/basic constraints has another value/],
  ],
  [
    "basic constraints that are not critical",
    replace("basicConstraints", extension(OID.basicConstraints, false, sequence())),
    [/basic constraints is not critical/],
  ],
  ["no basic constraints", replace("basicConstraints"), [/basic constraints is missing/]],
  ["missing AKI", replace("authorityKeyId"), [/authority key identifier is missing/]],
  [
    "the AKI of another authority",
    replace("authorityKeyId", extension(OID.authorityKeyIdentifier, false, sequence(tlv(0x80, new Uint8Array(20))))),
    [/authority key identifier has another value/],
  ],
  ["missing SKI", replace("subjectKeyId"), [/subject key identifier is missing/]],
  [
    "the SKI of another key",
    replace("subjectKeyId", extension(OID.subjectKeyIdentifier, false, tlv(4, new Uint8Array(20)))),
    [/subject key identifier has another value/],
  ],
  [
    "two URI SANs",
    replace("names", subjectAltName([uri(web), uri("spiffe://example.org/admin")])),
    [/URI name is not the one asked for/],
  ],
  [
    "another URI SAN",
    replace("names", subjectAltName([uri("spiffe://example.org/admin")])),
    [/URI name is not the one asked for/],
  ],
  [
    "a URI SAN of another trust domain",
    replace("names", subjectAltName([uri("spiffe://example.org.evil/web")])),
    [/not the one asked for/, /not in the authority's trust domain/],
  ],
  [
    "no URI SAN",
    replace("names", subjectAltName([dns("web")])),
    [/subject is not/, /URI name is not the one/, /no SPIFFE ID/, /DNS names are not/],
  ],
  ["no names", replace("names"), [/URI name is not the one/, /no SPIFFE ID/, /subject alternative name is missing/]],
  [
    "names that are not critical under an empty subject",
    replace("names", subjectAltName([uri(web)], false)),
    [/subject alternative name is not critical/],
  ],
  [
    "an IP address",
    replace("names", subjectAltName([uri(web), tlv(0x87, der.hex("7f000001"))])),
    [/names of another kind/],
  ],
  [
    "an e-mail address",
    replace("names", subjectAltName([uri(web), tlv(0x81, Buffer.from("a@b.c"))])),
    [/names of another kind/],
  ],
  [
    "an extension too many",
    (parts) => parts.extensions.push(extension("1.2.3.4", false, der.hex("0500"))),
    [/extension 1\.2\.3\.4 is not in the profile/],
  ],
  [
    "a critical extension too many",
    (parts) => parts.extensions.push(extension("1.2.3.4", true, der.hex("0500"))),
    [/extension 1\.2\.3\.4 is not in the profile/],
  ],
  [
    "another serial number",
    (parts) => (parts.serialNumber = unsignedInteger(new Uint8Array(16).fill(0x55))),
    [/serial number is not the one reserved/],
  ],
  [
    "a small serial number",
    (parts) => (parts.serialNumber = der.hex("020105")),
    [/not the one reserved/, /9 to 20 octets/],
  ],
  [
    "a negative serial number",
    (parts) => (parts.serialNumber = der.hex("020980ff00000000000001")),
    [/not the one reserved/, /9 to 20 octets/],
  ],
  [
    "a subject",
    (parts) => (parts.subject = commonNameDer("spire-server")),
    [/subject is not the one/, /subject alternative name is critical/],
  ],
  ["another issuer", (parts) => (parts.issuer = commonNameDer("Other CA")), [/issuer is not the authority's subject/]],
  [
    "a life that begins earlier",
    (parts) => (parts.notBefore = encodeTime(new Date("2026-11-24T11:59:59Z"))),
    [/notBefore is not/],
  ],
  [
    "a life that ends a second later",
    (parts) => (parts.notAfter = encodeTime(new Date("2026-11-24T12:10:01Z"))),
    [/notAfter is not/],
  ],
  [
    "a life that ends after the authority's",
    (parts) => (parts.notAfter = encodeTime(new Date("2101-01-01T00:00:00Z"))),
    [/notAfter is not/, /ends after the authority's/],
  ],
  [
    "a life that ends before it begins",
    (parts) => (parts.notAfter = encodeTime(new Date("2026-11-24T11:00:00Z"))),
    [/notAfter is not/, /before it begins/],
  ],
  [
    "the authority's key",
    (parts) => (parts.spki = authority.certificate.spki),
    [/not the one asked for/, /authority's own/, /subject key identifier/],
  ],
  ["another key", (parts) => (parts.spki = spkiOf(ecKeys())), [/public key is not the one/, /subject key identifier/]],
  [
    "a signature algorithm for another kind of key",
    (parts) => (parts.algorithm = algorithmDer(OID.sha256WithRsa)),
    [/not one for the authority's key/],
  ],
  [
    "a weak signature algorithm",
    (parts) => (parts.algorithm = der.hex("300906072a8648ce3d0401")),
    [/not one for the authority's key/, /weak/],
  ],
  [
    "odd parameters of the algorithm",
    (parts) => (parts.algorithm = sequence(oid(OID.ecdsaWithSha256), der.hex("0500"))),
    [/weak or has odd parameters/],
  ],
];

describe("lintLeaf", () => {
  it("finds nothing on what the profile gives, whoever wrote it", () => {
    expect(spoiled(() => undefined)).toEqual([]);
    expect(lint(issue(authority, fields))).toEqual([]);
    expect(assemble(leafParts(fields, authority), authority).length).toBeGreaterThan(0);
  });

  it.each(defects)("ISS-D09: finds %s, and nothing else", (_, spoil, expected) => {
    const reasons = spoiled(spoil);
    expect(reasons).toHaveLength(expected.length);
    for (const [index, pattern] of expected.entries()) expect(reasons[index]).toMatch(pattern);
  });

  it("ISS-D09: finds an ID that is no SPIFFE ID with a path, also when it was asked for", () => {
    const texts = [
      "spiffe://example.org",
      "spiffe://example.org/",
      "https://example.org/web",
      "spiffe://Example.org/web",
      `${web}?x`,
      `${web}#x`,
    ];
    for (const text of texts) {
      const asked = { ...fields, uri: text };
      expect(lint(issue(authority, asked), asked).join()).toMatch(/no SPIFFE ID/);
    }
  });

  it("ISS-D04: finds a life beyond the authority's, also when it was asked for", () => {
    const asked = { ...fields, notAfter: new Date(authority.certificate.notAfter.getTime() + 1000) };
    expect(lint(issue(authority, asked), asked)).toEqual(["the validity ends after the authority's"]);
  });

  it("finds a weak key, also when it was asked for", () => {
    const weak = der.hex(weakRsa);
    const asked = { ...fields, spki: weak };
    expect(lint(issue(authority, asked), asked)).toEqual([
      expect.stringMatching(/public key is refused: an RSA key has 2048 to 4096 bits/),
    ]);
  });

  it("finds an issuer that may not sign", () => {
    const leaf = Certificate.parse(issue(authority, fields));
    expect(lint(issue(authority, fields), fields, leaf)).toContain("the authority may not sign certificates");
  });

  it("ISS-D09: any changed octet of what is signed is refused by the parser or found", () => {
    const whole = issue(authority, { ...fields, dnsNames: ["web.example.org"] });
    const expected = { ...fields, dnsNames: ["web.example.org"], issuer: authority.certificate };
    const { tbs } = Certificate.parse(whole);
    const start = Buffer.from(whole).indexOf(tbs);
    let parsed = 0;
    for (let offset = start; offset < start + tbs.length; offset += 1) {
      for (const mask of [0x01, 0x02, 0x20, 0x80, 0xff]) {
        const changed = Uint8Array.from(whole);
        changed[offset] = (changed[offset] ?? 0) ^ mask;
        const reasons = refusedOrFound(changed, expected);
        if (reasons === undefined) continue;
        parsed += 1;
        if (reasons.length === 0) expect.fail(`octet ${String(offset)} ^ ${String(mask)} went unnoticed`);
      }
    }
    expect(parsed).toBeGreaterThan(500);
  });

  it("never throws", () => {
    const whole = issue(authority, fields);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        (changes) => {
          const changed = Uint8Array.from(whole);
          for (const [offset, octet] of changes) changed[offset] = octet;
          refusedOrFound(changed, { ...fields, issuer: authority.certificate });
        },
      ),
    );
  });
});

/** SubjectPublicKeyInfo of an RSA key of 1,024 bits. */
const weakRsa: string = Buffer.from(
  sequence(
    sequence(oid(OID.rsaEncryption), der.hex("0500")),
    tlv(3, Uint8Array.of(0), sequence(unsignedInteger(new Uint8Array(128).fill(0xc1)), der.hex("0203010001"))),
  ),
).toString("hex");

function refusedOrFound(bytes: Uint8Array, expected: LeafFields & { issuer: Certificate }): string[] | undefined {
  let certificate: Certificate;
  try {
    certificate = Certificate.parse(bytes);
  } catch (error) {
    if (error instanceof X509Error) return undefined;
    throw error;
  }
  return lintLeaf(certificate, expected);
}
