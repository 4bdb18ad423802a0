// SPDX-License-Identifier: Apache-2.0
import "reflect-metadata";
import { generateKeyPairSync } from "node:crypto";
import * as oracle from "@peculiar/x509";
import { beforeAll, describe, expect, it } from "vitest";
import {
  Certificate,
  intermediateCertificate,
  type IntermediateFields,
  intermediateTbs,
  LeafWriter,
  lintIntermediate,
  randomSerialNumber,
  verifyPath,
} from "../src/index.ts";
import { type Authority, ecKeys, type Keys, openAuthority, signLeaf, spkiOf } from "./authority.ts";

const now = new Date("2026-11-24T12:00:00Z");

function fieldsFor(keys: Keys, changes: Partial<IntermediateFields> = {}): IntermediateFields {
  return {
    serialNumber: randomSerialNumber(),
    spki: spkiOf(keys),
    uri: "spiffe://example.org",
    organizationalUnit: "DOWNSTREAM-1",
    notBefore: new Date("2026-11-24T11:59:30.500Z"),
    notAfter: new Date("2051-11-25T12:00:00Z"),
    ...changes,
  };
}

function below(authority: Authority, fields: IntermediateFields): Certificate {
  const tbs = intermediateTbs(authority.certificate, fields);
  return Certificate.parse(intermediateCertificate(tbs, signLeaf(authority, tbs)));
}

/** A leaf of `uri` signed by the intermediate. */
function leafBelow(certificate: Certificate, keys: Keys, uri = "spiffe://example.org/w"): Certificate {
  const authority: Authority = { certificate, keys, signatureAlgorithm: "ecdsa-with-SHA256" };
  const writer = new LeafWriter(authority);
  const tbs = writer.tbs({
    serialNumber: randomSerialNumber(),
    spki: spkiOf(ecKeys()),
    uri,
    dnsNames: [],
    notBefore: now,
    notAfter: new Date(now.getTime() + 60_000),
  });
  return Certificate.parse(writer.certificate(tbs, signLeaf(authority, tbs)));
}

describe("an intermediate CA", () => {
  let root: Authority;

  beforeAll(async () => {
    root = await openAuthority();
  });

  it.each<[string, () => Keys]>([
    ["P-256", () => ecKeys()],
    ["P-384", () => ecKeys("P-384")],
    ["RSA", () => generateKeyPairSync("rsa", { modulusLength: 2048 })],
  ])("X509-11, X509-12, X509-15: says in the oracle's eyes what was asked for, with %s keys", (_, makeKeys) => {
    const keys = makeKeys();
    const fields = fieldsFor(keys);
    const made = below(root, fields);
    expect(lintIntermediate(made, { ...fields, issuer: root.certificate })).toEqual([]);
    const read = new oracle.X509Certificate(made.der as Uint8Array<ArrayBuffer>);
    const serial = Buffer.from(fields.serialNumber).toString("hex");
    expect(BigInt(`0x${read.serialNumber}`)).toBe(BigInt(`0x${serial}`));
    expect(read.subject).toBe(`O=Mayfly, CN=Mayfly CA, OU=DOWNSTREAM-1, 2.5.4.5=${serial}`);
    expect(read.issuer).toBe(new oracle.X509Certificate(root.certificate.der as Uint8Array<ArrayBuffer>).subject);
    expect([read.notBefore, read.notAfter]).toEqual([new Date("2026-11-24T11:59:30Z"), fields.notAfter]);
    const constraints = read.getExtension(oracle.BasicConstraintsExtension);
    expect([constraints?.critical, constraints?.ca, constraints?.pathLength]).toEqual([true, true, undefined]);
    const usage = read.getExtension(oracle.KeyUsagesExtension);
    const signs = oracle.KeyUsageFlags.keyCertSign | oracle.KeyUsageFlags.cRLSign;
    expect([usage?.critical, usage?.usages]).toEqual([true, signs]);
    const names = read.getExtension(oracle.SubjectAlternativeNameExtension)?.names.items;
    expect(names?.map(({ type, value }) => [type, value])).toEqual([["url", "spiffe://example.org"]]);
    expect(read.getExtension(oracle.AuthorityKeyIdentifierExtension)?.keyId).toBe(root.certificate.subjectKeyId);
    expect(read.extensions).toHaveLength(5);
  });

  it("leads to its authority and lets another stand below it", () => {
    const [first, second] = [ecKeys(), ecKeys()];
    const one = below(root, fieldsFor(first));
    const two = below(
      { certificate: one, keys: first, signatureAlgorithm: "ecdsa-with-SHA256" },
      fieldsFor(second, { organizationalUnit: "DOWNSTREAM-2" }),
    );
    const path = verifyPath(leafBelow(two, second), [one, two], [root.certificate], { now });
    expect(path).toHaveLength(4);
    expect(two.subjectText).toMatch(/^serialNumber=[0-9a-f]{32},OU=DOWNSTREAM-2,CN=Mayfly CA,O=Mayfly$/);
  });

  it.each<[string, Partial<IntermediateFields>, string]>([
    ["serial number", { serialNumber: randomSerialNumber() }, "the serial number"],
    ["key", { spki: spkiOf(ecKeys()) }, "the public key"],
    ["name", { uri: "spiffe://other.test" }, "the names are others"],
    ["begin", { notBefore: now }, "notBefore"],
    ["end", { notAfter: now }, "notAfter"],
    ["unit", { organizationalUnit: "DOWNSTREAM-2" }, "the subject"],
  ])("has a finding when the %s is not the one asked for", (_, changes, finding) => {
    const fields = fieldsFor(ecKeys());
    const reasons = lintIntermediate(below(root, { ...fields, ...changes }), { ...fields, issuer: root.certificate });
    expect(reasons.join("; ")).toContain(finding);
  });

  it("has findings when it is a leaf, outlives its authority, is of another trust domain or another's signature", () => {
    const keys = ecKeys();
    const fields = fieldsFor(keys);
    const expected = { ...fields, issuer: root.certificate };
    const text = (made: Certificate, asked = expected): string => lintIntermediate(made, asked).join("; ");
    expect(text(leafBelow(root.certificate, root.keys))).toContain("basic constraints");
    const long = { ...fields, notAfter: new Date("2101-01-01T00:00:00Z") };
    expect(text(below(root, long), { ...long, issuer: root.certificate })).toContain("ends after the authority's");
    const foreign = { ...fields, uri: "spiffe://other.test" };
    expect(text(below(root, foreign), { ...foreign, issuer: root.certificate })).toContain("trust domain");
    expect(text(below({ ...root, keys: ecKeys() }, fields))).toContain("the path to the authority is refused");
    const own = { ...fields, spki: spkiOf(root.keys) };
    expect(text(below(root, own), { ...own, issuer: root.certificate })).toContain("the authority's own");
  });

  it("is not written with a serial number, name or unit that can't be encoded", () => {
    const refused = (changes: Partial<IntermediateFields>): void => {
      expect(() => intermediateTbs(root.certificate, fieldsFor(ecKeys(), changes))).toThrow(RangeError);
    };
    refused({ serialNumber: new Uint8Array(16) });
    refused({ serialNumber: new Uint8Array(21).fill(1) });
    refused({ uri: "spiffe://exämple.org" });
    refused({ uri: "" });
    refused({ organizationalUnit: "" });
    refused({ organizationalUnit: "x".repeat(65) });
  });
});
