// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { extension, oid, sequence, tlv } from "../src/der-writer.ts";
import { type Certificate, parsePem, RevocationList, toPem, writeRevocationList } from "../src/index.ts";
import { OID } from "../src/oid.ts";
import { ecKeys } from "./authority.ts";
import { certify, now, party, plainSigning } from "./chains.ts";
import { der } from "./leaf-parts.ts";
import { codeOf, crl, entries, entry, listOf, r, root } from "./revocation-lists.ts";

const hour = 3_600_000;
const [thisUpdate, nextUpdate] = [new Date(now.getTime() - hour), new Date(now.getTime() + hour)];
const leaf = certify(party("L"), r);

function write(serialNumbers: readonly bigint[], issuer = root, privateKey = r.keys.privateKey): Uint8Array {
  const revoked = serialNumbers.map((serialNumber) => ({ serialNumber, at: thisUpdate }));
  return writeRevocationList({ issuer, privateKey, thisUpdate, nextUpdate, number: 7n, revoked });
}

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
      return execFileSync("openssl", args, { encoding: "utf8", stdio: "pipe" });
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
    const key = r.keys.privateKey.export({ format: "pem", type: "pkcs8" }).toString();
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
