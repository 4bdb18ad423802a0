// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Certificate, parsePem, RevocationList, toPem, writeRevocationList } from "../src/index.ts";
import { OID } from "../src/oid.ts";
import { ecKeys } from "./authority.ts";
import { certify, now, party, plainSigning } from "./chains.ts";
import { nextUpdate, r, root, thisUpdate, write } from "./revocation-lists.ts";

const leaf = certify(party("L"), r);

const program = "openssl";

describe("writeRevocationList", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "crl-"));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  const file = (name: string, text: string | Uint8Array): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const openssl = (...args: readonly string[]): string => {
    try {
      return execFileSync(program, args, { encoding: "utf8", stdio: "pipe" });
    } catch (error) {
      return String((error as { readonly stderr?: string }).stderr);
    }
  };

  it("says what it was given, to itself", () => {
    const list = RevocationList.parse(write([leaf.serialNumber, 5n]));
    expect(list.isRevoked(leaf)).toBe(true);
    expect(list.isRevoked(certify(party("L"), r))).toBe(false);
    expect([list.thisUpdate, list.nextUpdate, list.number, list.revokedCount]).toEqual([thisUpdate, nextUpdate, 7n, 2]);
    expect(list.authorityKeyId).toBe(root.subjectKeyId);
    expect(list.issuerDer).toEqual(root.subjectDer);
    expect(() => {
      list.assertSignedBy(root);
    }).not.toThrow();
  });

  it("writes what openssl reads, with the reason, and finds signed by the issuer", () => {
    const revoked = [
      { serialNumber: leaf.serialNumber, at: thisUpdate, reason: "keyCompromise" as const },
      { serialNumber: 128n, at: thisUpdate },
    ];
    const list = writeRevocationList({
      issuer: root,
      privateKey: r.keys.privateKey,
      thisUpdate,
      nextUpdate,
      number: 2n ** 158n,
      revoked,
    });
    const [crlFile, caFile] = [file("a.crl", list), file("ca.pem", toPem("CERTIFICATE", root.der))];
    const text = openssl("crl", "-inform", "DER", "-in", crlFile, "-noout", "-text", "-CAfile", caFile);
    expect(text).toContain("Version 2 (0x1)");
    expect(text).toContain("Key Compromise");
    expect(text).toContain("Serial Number: 80");
    expect(text).toContain(leaf.serialNumber.toString(16).toUpperCase());
    expect(openssl("crl", "-inform", "DER", "-in", crlFile, "-noout", "-verify", "-CAfile", caFile)).not.toContain(
      "failure",
    );
  });

  it.each([
    ["P-256", party("R2", ecKeys()), OID.ecdsaWithSha256, "sha256"],
    ["P-384", party("R2", ecKeys("P-384")), OID.ecdsaWithSha384, "sha384"],
    ["Ed25519", party("R2", generateKeyPairSync("ed25519")), OID.ed25519, null],
  ] as const)("openssl verify -crl_check obeys a list signed with %s", (_, issuer, algorithm, hash) => {
    const signing = plainSigning(algorithm, hash);
    const ca = certify(issuer, issuer, { ca: true, names: [], signing });
    const [bad, good] = [certify(party("B"), issuer, { signing }), certify(party("G"), issuer, { signing })];
    const list = write([1n, bad.serialNumber], ca, issuer.keys.privateKey);
    const verify = (certificate: Certificate): string =>
      openssl(
        "verify",
        "-crl_check",
        "-attime",
        String(now.getTime() / 1000),
        "-CAfile",
        file("ca.pem", toPem("CERTIFICATE", ca.der)),
        "-CRLfile",
        file("c.pem", toPem("X509 CRL", list)),
        file("leaf.pem", toPem("CERTIFICATE", certificate.der)),
      );
    expect(verify(bad)).toContain("certificate revoked");
    expect(verify(good)).toContain("leaf.pem: OK");
  });

  it("reads what openssl writes, and says the same of it", () => {
    const [bad, good] = [certify(party("B"), r), certify(party("G"), r)];
    const serial = bad.serialNumber.toString(16).toUpperCase();
    file("index.txt", `R\t300101000000Z\t261124120000Z,keyCompromise\t${serial}\tunknown\t/CN=B\n`);
    file("number", "2A\n");
    const sections = {
      ca: { default_ca: "one" },
      one: { database: join(folder, "index.txt"), crlnumber: join(folder, "number"), crl_extensions: "crl" },
      crl: { authorityKeyIdentifier: "keyid" },
    };
    const config = Object.entries(sections).map(([name, entries]) => [
      `[${name}]`,
      ...Object.entries(entries).map(([key, value]) => `${key} = ${value}`),
    ]);
    const key = r.keys.privateKey.export({ format: "pem", type: "pkcs8" });
    const files = {
      config: file("ca.cnf", config.flat().join("\n")),
      keyfile: file("ca.key", key),
      cert: file("ca.pem", toPem("CERTIFICATE", root.der)),
    };
    const options = Object.entries(files).flatMap(([name, path]) => [`-${name}`, path]);
    const pem = openssl("ca", "-gencrl", "-crldays", "7", "-md", "sha256", ...options);
    const [written = new Uint8Array()] = parsePem(pem, "X509 CRL");
    const list = RevocationList.parse(written);
    expect([list.isRevoked(bad), list.isRevoked(good), list.number, list.revokedCount]).toEqual([true, false, 42n, 1]);
    expect(list.authorityKeyId).toBe(root.subjectKeyId);
    expect(() => {
      list.assertSignedBy(root);
    }).not.toThrow();
  });

  it("refuses to write what is not sound", () => {
    const attempt =
      (change: Partial<Parameters<typeof writeRevocationList>[0]>): unknown =>
      () =>
        writeRevocationList({
          issuer: root,
          privateKey: r.keys.privateKey,
          thisUpdate,
          nextUpdate,
          number: 1n,
          revoked: [],
          ...change,
        });
    expect(attempt({})).not.toThrow();
    const noSki = certify(r, r, { ca: true, replace: { [OID.subjectKeyIdentifier]: undefined } });
    const at = thisUpdate;
    for (const change of [
      { privateKey: ecKeys().privateKey },
      { issuer: leaf },
      { issuer: certify(r, r, { ca: true, keyUsage: "03020204" }) },
      { issuer: noSki },
      { nextUpdate: thisUpdate },
      { number: -1n },
      { number: 2n ** 160n },
      { revoked: [{ serialNumber: -1n, at }] },
      { revoked: [{ serialNumber: 2n ** 159n, at }] },
      { revoked: Array.from({ length: 200_001 }, () => ({ serialNumber: 1n, at })) },
    ]) {
      expect(attempt(change)).toThrow(RangeError);
    }
    expect(attempt({ privateKey: generateKeyPairSync("x25519").privateKey })).toThrow(TypeError);
  });
});
