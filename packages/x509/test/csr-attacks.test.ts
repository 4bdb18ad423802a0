// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, sign } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { bits, extension, oid, sequence, tlv, unsignedInteger } from "../src/der-writer.ts";
import {
  assertAcceptableKey,
  Certificate,
  CertificateRequest,
  createRequest,
  lintLeaf,
  X509Error,
} from "../src/index.ts";
import { emptyName } from "../src/name.ts";
import { OID } from "../src/oid.ts";
import { algorithmDer } from "../src/signature.ts";
import { type Authority, ecKeys, issue, type Keys, leafFields, openAuthority, spkiOf } from "./authority.ts";
import { der, subjectAltName, uri } from "./leaf-parts.ts";

const keys = ecKeys();
const web = "spiffe://example.org/web";
let authority: Authority;

beforeAll(async () => {
  authority = await openAuthority();
});

function codeOf(action: () => unknown): string {
  try {
    action();
    return "accepted";
  } catch (error) {
    if (error instanceof X509Error) return error.code;
    throw error;
  }
}

const parse = (bytes: Uint8Array): string => codeOf(() => CertificateRequest.parse(bytes));

/** A request with these attributes (DER of each) and subject, well signed. */
function request(
  attributes: readonly Uint8Array[],
  subject: Uint8Array = emptyName,
  spki: Uint8Array = spkiOf(keys),
): Uint8Array {
  const info = sequence(Uint8Array.of(2, 1, 0), subject, spki, tlv(0xa0, ...attributes));
  return sequence(info, algorithmDer(OID.ecdsaWithSha256), bits(sign("sha256", info, keys.privateKey)));
}

function extensionRequest(...extensions: readonly Uint8Array[]): Uint8Array {
  return sequence(oid(OID.extensionRequest), tlv(0x31, sequence(...extensions)));
}

/** The leaf that an issuer writes for a request: its key and nothing else of it. */
function leafFor(bytes: Uint8Array): { leaf: Certificate; reasons: string[] } {
  const fields = leafFields(CertificateRequest.parse(bytes).spki);
  const leaf = Certificate.parse(issue(authority, fields));
  return { leaf, reasons: lintLeaf(leaf, { ...fields, issuer: authority.certificate }) };
}

function cpuMs(action: () => void): number {
  const before = process.cpuUsage();
  action();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

describe("certificate requests from attackers", () => {
  it("takes an honest request and proves its key", () => {
    const honest = CertificateRequest.parse(createRequest({ keys, uris: [web], dnsNames: ["web"] }));
    expect([honest.verify(), honest.uris, honest.dnsNames, honest.commonName]).toEqual([
      true,
      [web],
      ["web"],
      undefined,
    ]);
  });

  it("CSR-D01: one flipped bit anywhere in what is signed or in the signature, and the key is not proven", () => {
    const honest = createRequest({ keys, uris: [web] });
    for (let bit = 0; bit < honest.length * 8; bit += 3) {
      const flipped = Uint8Array.from(honest);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      if (parse(flipped) === "accepted") expect(CertificateRequest.parse(flipped).verify()).toBe(false);
    }
  });

  it("CSR-D02: another ID in the request has no effect on the leaf", () => {
    const { leaf, reasons } = leafFor(request([extensionRequest(subjectAltName([uri("spiffe://example.org/admin")]))]));
    expect([leaf.uris, reasons]).toEqual([[web], []]);
  });

  it("CSR-D03: the request's subject has no effect on the leaf", () => {
    const attribute = (type: string, text: string): Uint8Array =>
      tlv(0x31, sequence(oid(type), tlv(0x0c, Buffer.from(text))));
    const subject = sequence(
      attribute(OID.commonName, "spire-server"),
      attribute("2.5.4.10", "O"),
      attribute("2.5.4.5", "1"),
      attribute(OID.emailAddress, "root@example.org"),
    );
    const { leaf, reasons } = leafFor(request([], subject));
    expect([leaf.subjectText, leaf.commonName, reasons]).toEqual(["", undefined, []]);
  });

  it("CSR-D04: the rights of a CA in the request have no effect on the leaf", () => {
    const wishes = extensionRequest(
      extension(OID.basicConstraints, true, der.hex("30030101ff")),
      extension(OID.keyUsage, true, der.hex("03020106")),
    );
    const { leaf, reasons } = leafFor(request([wishes]));
    expect([leaf.isCa, leaf.basicConstraintsPresent, leaf.keyUsage?.bits, reasons]).toEqual([false, true, 1, []]);
  });

  const rsa = (modulus: Uint8Array, exponent: string): Uint8Array =>
    sequence(
      sequence(oid(OID.rsaEncryption), der.hex("0500")),
      tlv(3, Uint8Array.of(0), sequence(unsignedInteger(modulus), unsignedInteger(der.hex(exponent)))),
    );
  const modulus = (bytes: number, first = 0xc1, last = 0xc1): Uint8Array => {
    const octets = new Uint8Array(bytes).fill(0x5a);
    octets[0] = first;
    octets[bytes - 1] = last;
    return octets;
  };
  const spki = (made: Keys): Uint8Array => spkiOf(made);

  it.each<[string, () => Uint8Array, string]>([
    ["RSA-1024", () => rsa(modulus(128), "010001"), "WEAK_KEY"],
    ["RSA-2047", () => rsa(modulus(256, 0x7f), "010001"), "WEAK_KEY"],
    ["RSA with an even modulus", () => rsa(modulus(256, 0xc1, 0xc2), "010001"), "WEAK_KEY"],
    ["RSA e=1", () => rsa(modulus(256), "01"), "WEAK_KEY"],
    ["RSA e even", () => rsa(modulus(256), "010000"), "WEAK_KEY"],
    [
      "DSA-2048",
      () => spki(generateKeyPairSync("dsa", { modulusLength: 2048, divisorLength: 256 })),
      "UNSUPPORTED_KEY",
    ],
    ["P-192", () => spki(ecKeys("prime192v1")), "UNSUPPORTED_KEY"],
    ["secp256k1", () => spki(ecKeys("secp256k1")), "UNSUPPORTED_KEY"],
    ["Ed448", () => spki(generateKeyPairSync("ed448")), "UNSUPPORTED_KEY"],
    ["Ed25519, where it is not allowed", () => spki(generateKeyPairSync("ed25519")), "UNSUPPORTED_KEY"],
    ["X25519", () => spki(generateKeyPairSync("x25519")), "UNSUPPORTED_KEY"],
  ])("CSR-D05: refuses %s", (_, make, code) => {
    const key = make();
    expect(codeOf(() => assertAcceptableKey(key))).toBe(code);
    expect(CertificateRequest.parse(request([], emptyName, key)).verify()).toBe(false);
  });

  it("CSR-D05: takes RSA-2048, RSA-4096, P-256, P-384, P-521, and Ed25519 where it is allowed", () => {
    for (const key of [
      rsa(modulus(256), "010001"),
      rsa(modulus(512), "03"),
      spki(ecKeys()),
      spki(ecKeys("P-384")),
      spki(ecKeys("P-521")),
    ]) {
      expect(codeOf(() => assertAcceptableKey(key))).toBe("accepted");
    }
    const ed25519 = spki(generateKeyPairSync("ed25519"));
    expect(codeOf(() => assertAcceptableKey(ed25519, { ed25519: true }))).toBe("accepted");
  });

  it("CSR-D05: refuses a point off its curve before anything is verified with it", () => {
    const off = Uint8Array.from(spkiOf(keys));
    off[off.length - 1] = (off.at(-1) ?? 0) ^ 1;
    const hostile = CertificateRequest.parse(request([], emptyName, off));
    expect([hostile.verify(), codeOf(() => hostile.publicKey)]).toEqual([false, "UNSUPPORTED_KEY"]);
  });

  it("CSR-D06: RSA-16384 and an exponent of 65 bits are refused without a public-key operation", () => {
    const large = request([], emptyName, rsa(modulus(2048), "010001"));
    const exponent = request([], emptyName, rsa(modulus(256), "010000000000000001"));
    for (const hostile of [large, exponent]) {
      const used = cpuMs(() => {
        const parsed = CertificateRequest.parse(hostile);
        expect(codeOf(() => assertAcceptableKey(parsed.spki))).toBe("WEAK_KEY");
        expect(parsed.verify()).toBe(false);
      });
      expect(used).toBeLessThan(20);
    }
  });

  it("CSR-D07: nesting, megabytes and giant lengths are refused at once", () => {
    let nested: Uint8Array = der.hex("0500");
    for (let level = 0; level < 3500; level += 1) nested = tlv(0x30, nested);
    const deep = Buffer.from("3080".repeat(10_000), "hex");
    const attacks: [Uint8Array, string][] = [
      [nested.subarray(0), nested.length > 16_384 ? "TOO_LARGE" : "TOO_DEEP"],
      [deep, "TOO_LARGE"],
      [deep.subarray(0, 16_000), "DER_MALFORMED"],
      [new Uint8Array(1_048_576).fill(0x30), "TOO_LARGE"],
      [der.hex("308480000000"), "DER_MALFORMED"],
    ];
    const memory = process.memoryUsage().rss;
    for (const [bytes, code] of attacks) {
      expect(cpuMs(() => expect(parse(bytes)).toBe(code))).toBeLessThan(50);
    }
    expect(process.memoryUsage().rss - memory).toBeLessThan(10 * 1024 * 1024);
  });

  it("CSR-D08: trailing bytes, indefinite and long lengths are refused", () => {
    const honest = createRequest({ keys, uris: [web] });
    expect(parse(Uint8Array.from([...honest, 0]))).toBe("DER_TRAILING");
    expect(parse(Uint8Array.from([0x30, 0x80, ...honest.subarray(4), 0, 0]))).toBe("DER_MALFORMED");
    expect(parse(Uint8Array.from([0x30, 0x83, 0, ...honest.subarray(2)]))).toBe("DER_MALFORMED");
  });

  it("CSR-D09: there is no place in a request for a lifetime: it comes from the caller, whole seconds, and in range", () => {
    const asked = leafFields(spkiOf(keys), { notAfter: new Date("2026-11-24T12:10:00.999Z") });
    expect(Certificate.parse(issue(authority, asked)).notAfter).toEqual(new Date("2026-11-24T12:10:00Z"));
    for (const notAfter of [new Date(Number.NaN), new Date(8.64e15), new Date("1949-12-31T23:59:59Z")]) {
      expect(() => issue(authority, leafFields(spkiOf(keys), { notAfter }))).toThrow(RangeError);
    }
  });

  it("CSR-D10: two extension requests, or one name extension twice, are refused", () => {
    const one = extensionRequest(subjectAltName([uri(web)]));
    const other = extensionRequest(subjectAltName([uri("spiffe://example.org/admin")]));
    expect(parse(request([one]))).toBe("accepted");
    expect(parse(request([one, other]))).toBe("DUPLICATE_ATTRIBUTE");
    expect(parse(request([extensionRequest(subjectAltName([uri(web)]), subjectAltName([uri(web)]))]))).toBe(
      "DUPLICATE_EXTENSION",
    );
    const twoValues = sequence(
      oid(OID.extensionRequest),
      tlv(0x31, sequence(subjectAltName([uri(web)])), sequence(subjectAltName([uri(web)]))),
    );
    expect(parse(request([twoValues]))).toBe("MALFORMED");
  });

  it("CSR-D11: the authority's own key in a request is found before the leaf is let go", () => {
    const fields = leafFields(authority.certificate.spki);
    const leaf = Certificate.parse(issue(authority, fields));
    expect(lintLeaf(leaf, { ...fields, issuer: authority.certificate })).toEqual([
      "the public key is the authority's own",
    ]);
  });
});
