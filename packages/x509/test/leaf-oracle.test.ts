// SPDX-License-Identifier: Apache-2.0
import "reflect-metadata";
import { createHash, generateKeyPairSync, randomBytes, randomInt } from "node:crypto";
import * as oracle from "@peculiar/x509";
import { beforeAll, describe, expect, it } from "vitest";
import { Certificate, type LeafFields, LeafWriter, lintLeaf, randomSerialNumber } from "../src/index.ts";
import { type Authority, ecKeys, type Keys, openAuthority, signLeaf, spkiOf } from "./authority.ts";

const profiles = 10_000;

function pick<T>(items: readonly T[]): T {
  const item = items[randomInt(items.length)];
  if (item === undefined) throw new RangeError("nothing to pick from");
  return item;
}

function word(length: number, alphabet: string): string {
  return Array.from(randomBytes(length), (octet) => alphabet[octet % alphabet.length]).join("");
}

const segment = (): string => word(1 + randomInt(12), "abcXYZ019-_") + pick(["", ".v1"]);
const dnsLabel = (): string => `${word(1, "abc")}${word(randomInt(30), "abc019-")}${word(1, "xyz9")}`;

function dnsName(): string {
  const labels = Array.from({ length: 1 + randomInt(4) }, dnsLabel).join(".");
  return (randomInt(8) === 0 ? `*.${labels}` : labels).slice(0, 250).replace(/[.-]+$/, "");
}

function path(): string {
  const long = randomInt(50) === 0 ? 120 : 1 + randomInt(5);
  return Array.from({ length: long }, () => `/${segment()}`).join("");
}

/** Near the borders of the two encodings of time, and anywhere. */
function validity(): { notBefore: Date; notAfter: Date } {
  const from = pick([
    Date.UTC(2026, 10, 24),
    Date.UTC(2049, 11, 31, 23, 59, 59),
    Date.UTC(2050, 0, 1),
    Date.UTC(2020, 1, 29),
    Date.UTC(2024, 1, 29) + randomInt(2 ** 40),
  ]);
  return { notBefore: new Date(from + randomInt(1000)), notAfter: new Date(from + randomInt(3_600_000) + 1000) };
}

const names = ["CN=db, O=Example", "O=Two+OU=Parts, CN=x", "C=DE, O=M\u00fcller, CN=\u65e5\u672c"].map(
  (text) => new Uint8Array(new oracle.Name(text).toArrayBuffer()),
);

function serial(): Uint8Array {
  const octets = pick([randomSerialNumber(), randomBytes(20), randomBytes(9 + randomInt(11))]);
  octets[0] = pick([0x7f, 0x01, 0x40, (octets[0] ?? 0) & 0x7f || 1, octets.length < 20 ? 0xff : 0x7f]);
  octets[1] = (octets[1] ?? 0) | 1;
  return octets;
}

function profile(keys: readonly Keys[]): LeafFields {
  return {
    serialNumber: serial(),
    spki: spkiOf(pick(keys)),
    uri: `spiffe://example.org${path()}`,
    dnsNames: Array.from({ length: pick([0, 0, 1, 1, 2, 5, 20]) }, dnsName),
    ...validity(),
    subjectDer: randomInt(5) === 0 ? pick(names) : undefined,
  };
}

function hex(bytes: ArrayBuffer | Uint8Array): string {
  return Buffer.from(new Uint8Array(bytes)).toString("hex");
}

/** What the oracle reads, in one comparable shape. */
function meaningByOracle(der: Uint8Array): Record<string, unknown> {
  const certificate = new oracle.X509Certificate(der as Uint8Array<ArrayBuffer>);
  const san = certificate.getExtension(oracle.SubjectAlternativeNameExtension);
  const constraints = certificate.getExtension(oracle.BasicConstraintsExtension);
  const usage = certificate.getExtension(oracle.KeyUsagesExtension);
  const purposes = certificate.getExtension(oracle.ExtendedKeyUsageExtension);
  const ski = certificate.getExtension(oracle.SubjectKeyIdentifierExtension);
  const aki = certificate.getExtension(oracle.AuthorityKeyIdentifierExtension);
  return {
    serial: BigInt(`0x${certificate.serialNumber}`),
    issuer: certificate.issuer,
    subject: hex(certificate.subjectName.toArrayBuffer()),
    notBefore: certificate.notBefore.getTime(),
    notAfter: certificate.notAfter.getTime(),
    spki: hex(certificate.publicKey.rawData),
    names: san?.names.items.map(({ type, value }) => `${type} ${value}`),
    sanCritical: san?.critical,
    constraints: [constraints?.critical, constraints?.ca, constraints?.pathLength],
    usage: [usage?.critical, usage?.usages],
    purposes: [purposes?.critical, purposes?.usages],
    ski: [ski?.critical, ski?.keyId],
    aki: [aki?.critical, aki?.keyId],
    extensions: certificate.extensions.length,
    signature: hex(certificate.signature),
  };
}

const subjects = new Map<Certificate, string>();

function subjectByOracle(certificate: Certificate): string {
  const subject =
    subjects.get(certificate) ?? new oracle.X509Certificate(certificate.der as Uint8Array<ArrayBuffer>).subject;
  subjects.set(certificate, subject);
  return subject;
}

/** What was asked for, in the same shape, by the words of the profile. */
function meaningAsked(fields: LeafFields, authority: Authority, signature: Uint8Array): Record<string, unknown> {
  const { certificate } = authority;
  const isRsa = fields.spki.length === 294;
  const [first = ""] = fields.dnsNames;
  const derived =
    first === "" || first.length > 64 ? new oracle.Name("") : new oracle.Name([{ CN: [{ utf8String: first }] }]);
  const subject = fields.subjectDer === undefined ? derived.toArrayBuffer() : fields.subjectDer;
  const bits = fields.spki.subarray(-spkiBitLength(fields.spki));
  return {
    serial: BigInt(`0x${hex(fields.serialNumber)}`),
    issuer: subjectByOracle(certificate),
    subject: hex(subject),
    notBefore: Math.floor(fields.notBefore.getTime() / 1000) * 1000,
    notAfter: Math.floor(fields.notAfter.getTime() / 1000) * 1000,
    spki: hex(fields.spki),
    names: [`url ${fields.uri}`, ...fields.dnsNames.map((name) => `dns ${name}`)],
    sanCritical: hex(subject) === "3000",
    constraints: [true, false, undefined],
    usage: [true, oracle.KeyUsageFlags.digitalSignature | (isRsa ? oracle.KeyUsageFlags.keyEncipherment : 0)],
    purposes: [false, ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"]],
    ski: [false, createHash("sha1").update(bits).digest("hex")],
    aki: [false, certificate.subjectKeyId],
    extensions: 6,
    signature: hex(signature),
  };
}

/** Octets of the key inside the BIT STRING at the end of these kinds of SPKI. */
function spkiBitLength(spki: Uint8Array): number {
  const sizes: Readonly<Record<number, number>> = { 91: 65, 120: 97, 158: 133, 44: 32, 294: 270 };
  const size = sizes[spki.length];
  if (size === undefined) throw new RangeError(`a key of ${String(spki.length)} octets`);
  return size;
}

describe("leaves as written, read by @peculiar/x509", () => {
  let authorities: readonly Authority[];
  let keys: readonly Keys[];

  beforeAll(async () => {
    const rsa = (): Keys => generateKeyPairSync("rsa", { modulusLength: 2048 });
    keys = [ecKeys(), ecKeys(), ecKeys("P-384"), ecKeys("P-521"), generateKeyPairSync("ed25519"), rsa()];
    const ec = await openAuthority();
    authorities = [
      ...Array.from({ length: 10 }, () => ec),
      await openAuthority(ecKeys("P-384"), "ecdsa-with-SHA384"),
      await openAuthority(rsa(), "sha256WithRSAEncryption"),
    ];
  });

  it(`mean in all of ${String(profiles)} random profiles what was asked for, and are lint clean`, () => {
    const writers = new Map(authorities.map((authority) => [authority, new LeafWriter(authority)]));
    for (let i = 0; i < profiles; i += 1) {
      const authority = pick(authorities);
      const writer = writers.get(authority) ?? new LeafWriter(authority);
      const fields = profile(keys);
      const tbs = writer.tbs(fields);
      const signature = signLeaf(authority, tbs);
      const der = writer.certificate(tbs, signature);
      const expected = meaningAsked(fields, authority, signature);
      const found = meaningByOracle(der);
      for (const [name, value] of Object.entries(expected)) {
        if (JSON.stringify(found[name], jsonBigint) !== JSON.stringify(value, jsonBigint))
          expect(found).toEqual(expected);
      }
      const certificate = Certificate.parse(der);
      const reasons = lintLeaf(certificate, { ...fields, issuer: authority.certificate });
      if (reasons.length > 0) expect(reasons).toEqual([]);
      if (i % 50 === 0) expect(certificate.isSignedBy(authority.certificate)).toBe(true);
    }
  }, 300_000);
});

function jsonBigint(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}
