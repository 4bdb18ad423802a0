// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, webcrypto, X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { Certificate, createCaCertificate, randomSerialNumber } from "../src/index.ts";
import { OID } from "../src/oid.ts";
import { ecKeys } from "./authority.ts";

const options = {
  trustDomainUri: "spiffe://example.org",
  serialNumber: randomSerialNumber(),
  notBefore: new Date("2026-11-24T12:00:00.900Z"),
  notAfter: new Date("2026-11-25T12:00:00Z"),
};

function hex(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString("hex");
}

describe("createCaCertificate", () => {
  it.each([
    ["P-256", () => ecKeys()],
    ["P-384", () => ecKeys("P-384")],
    ["P-521", () => ecKeys("P-521")],
    ["RSA", () => generateKeyPairSync("rsa", { modulusLength: 2048 })],
    [
      "WebCrypto P-256",
      () => webcrypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]),
    ],
  ])("X509-11, X509-12, X509-15: writes a self-signed authority with %s keys", async (_, makeKeys) => {
    const ca = Certificate.parse(await createCaCertificate({ ...options, keys: await makeKeys() }));
    const value = (oid: string): [boolean | undefined, string] => {
      const found = ca.extensions.find((extension) => extension.oid === oid);
      return [found?.critical, hex(found?.value)];
    };
    expect([ca.isCa, ca.pathLength, ca.uris, ca.extKeyUsage]).toEqual([
      true,
      undefined,
      ["spiffe://example.org"],
      undefined,
    ]);
    expect(value(OID.keyUsage)).toEqual([true, "03020106"]);
    expect(value(OID.basicConstraints)).toEqual([true, "30030101ff"]);
    expect(ca.authorityKeyId).toBe(ca.subjectKeyId);
    expect(ca.notBefore).toEqual(new Date("2026-11-24T12:00:00Z"));
    expect(ca.subjectText).toBe(`serialNumber=${hex(options.serialNumber)},CN=Mayfly CA,O=Mayfly`);
    expect([ca.isSignedBy(ca), ca.hasStrongSignatureAlgorithm, ca.unknownCritical]).toEqual([true, true, []]);
    expect(new X509Certificate(ca.der).ca).toBe(true);
  });

  it("refuses names that can't be, and keys that do not belong together", async () => {
    const keys = ecKeys();
    await expect(createCaCertificate({ ...options, keys, commonName: "" })).rejects.toThrow(RangeError);
    await expect(createCaCertificate({ ...options, keys, commonName: "x".repeat(65) })).rejects.toThrow(RangeError);
    const mixed = { publicKey: keys.publicKey, privateKey: ecKeys().privateKey };
    await expect(createCaCertificate({ ...options, keys: mixed })).rejects.toThrow(RangeError);
  });
});
