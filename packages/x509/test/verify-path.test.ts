// SPDX-License-Identifier: Apache-2.0
import { constants, generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, it } from "vitest";
import { extension, oid, sequence, tlv, unsignedInteger } from "../src/der-writer.ts";
import { Certificate, parseCertificates, type PathOptions, verifyPath, X509Error } from "../src/index.ts";
import { OID } from "../src/oid.ts";
import { ecKeys, type Keys } from "./authority.ts";
import { certify, nameConstraints, now, party, plainSigning, type Signing, type Wishes } from "./chains.ts";
import { der, dns, uri } from "./leaf-parts.ts";

const [r, i, l] = [party("R"), party("I"), party("L")];
const root = certify(r, r, { ca: true });
const intermediate = certify(i, r, { ca: true });
const leaf = certify(l, i);
const second = (by: number): Date => new Date(now.getTime() + by * 1000);

function codeOf(action: () => unknown): string {
  try {
    action();
    return "ok";
  } catch (error) {
    if (error instanceof X509Error) return error.code;
    throw error;
  }
}

function verify(
  chain: readonly Certificate[],
  anchors: readonly Certificate[],
  options: Partial<PathOptions> = {},
): string {
  const [first, ...rest] = chain;
  if (first === undefined) throw new TypeError("a chain has a leaf");
  return codeOf(() => verifyPath(first, rest, anchors, { now, ...options }));
}

describe("verifyPath", () => {
  const flipped = Uint8Array.from(leaf.der);
  flipped[flipped.length - 1] = (flipped.at(-1) ?? 0) ^ 1;
  const [j, q] = [party("J"), party("Q")];
  const unknown = (critical: boolean): Wishes => ({ extensions: [extension("1.2.3.4", critical, der.hex("0500"))] });
  const below = (wishes: Wishes): Certificate[] => [leaf, certify(i, r, { ca: true, ...wishes })];

  it.each<[string, string, readonly Certificate[], readonly Certificate[]]>([
    ["P1 a leaf of the root", "ok", [certify(l, r)], [root]],
    ["P2 an intermediate", "ok", [leaf, intermediate], [root]],
    ["P3 a missing intermediate", "UNTRUSTED", [leaf], [root]],
    ["P5 the root in the chain", "ok", [leaf, intermediate, root], [root]],
    ["P6 an unrelated CA in the chain", "ok", [leaf, intermediate, certify(j, q, { ca: true })], [root]],
    ["P7 an intermediate that is no CA", "SIGNER_NOT_CA", below({ ca: false }), [root]],
    ["P8 an intermediate without keyCertSign", "SIGNER_NO_KEY_CERT_SIGN", below({ keyUsage: "03020102" }), [root]],
    [
      "P9 a path longer than the root allows",
      "PATH_LEN",
      [leaf, intermediate],
      [certify(r, r, { ca: true, pathLength: 0 })],
    ],
    ["P9 a path as long as the root allows", "ok", [leaf, intermediate], [certify(r, r, { ca: true, pathLength: 1 })]],
    ["P10 a leaf that ended a second ago", "EXPIRED", [certify(l, r, { notAfter: second(-1) })], [root]],
    ["P10 a leaf in its last second", "ok", [certify(l, r, { notAfter: now })], [root]],
    ["P10 a leaf that begins in a second", "NOT_YET_VALID", [certify(l, r, { notBefore: second(1) })], [root]],
    ["P10 a leaf in its first second", "ok", [certify(l, r, { notBefore: now })], [root]],
    ["P11 an expired intermediate", "EXPIRED", below({ notAfter: second(-1) }), [root]],
    ["P12 an expired root", "EXPIRED", [certify(l, r)], [certify(r, r, { ca: true, notAfter: second(-1) })]],
    ["P13 a flipped bit in the signature", "UNTRUSTED", [Certificate.parse(flipped), intermediate], [root]],
    ["P14 an unknown critical extension in the leaf", "UNKNOWN_CRITICAL", [certify(l, r, unknown(true))], [root]],
    ["P14 an unknown critical extension in the intermediate", "UNKNOWN_CRITICAL", below(unknown(true)), [root]],
    ["P15 an unknown extension that is not critical", "ok", [certify(l, r, unknown(false))], [root]],
    ["P16 two roots", "ok", [certify(l, r)], [certify(q, q, { ca: true }), root]],
    ["P17 a removed root", "UNTRUSTED", [certify(l, r)], [certify(q, q, { ca: true })]],
    ["P18 a leaf that is an anchor itself", "UNTRUSTED", [certify(l, l)], [certify(l, l)]],
    [
      "P19 a root of the same name and another key",
      "UNTRUSTED",
      [certify(l, r)],
      [certify(party("R"), party("R"), { ca: true })],
    ],
    [
      "P20 an intermediate with two certificates",
      "ok",
      [leaf, intermediate, certify(i, q, { ca: true })],
      [certify(q, q, { ca: true })],
    ],
    ["P21 SHA-1", "WEAK_SIGNATURE", [certify(l, r, { signing: plainSigning("1.2.840.10045.4.1", "sha1") })], [root]],
    ["no anchors", "UNTRUSTED", [leaf, intermediate], []],
    ["an anchor that is an intermediate", "ok", [leaf], [intermediate]],
  ])("%s: %s", (_, code, chain, anchors) => {
    expect(verify(chain, anchors)).toBe(code);
  });

  it("P18: refuses a self-signed leaf that is listed as an anchor", () => {
    const own = certify(l, l);
    expect(verify([own], [own])).not.toBe("ok");
  });

  it("P22: stops at 6 intermediates", () => {
    const parties = Array.from({ length: 17 }, (_, at) => party(`C${String(at)}`));
    const chainOf = (length: number): Certificate[] => {
      const used = parties.slice(0, length);
      return [certify(l, used[0] ?? r), ...used.map((one, at) => certify(one, used[at + 1] ?? r, { ca: true }))];
    };
    expect([verify(chainOf(6), [root]), verify(chainOf(7), [root])]).toEqual(["ok", "UNTRUSTED"]);
    expect(verify(chainOf(17), [root])).not.toBe("ok");
  });

  it("P23: refuses bytes behind the last certificate", () => {
    const two = Uint8Array.from([...leaf.der, ...intermediate.der]);
    expect(parseCertificates(two)).toHaveLength(2);
    expect(parseCertificates(new Uint8Array())).toEqual([]);
    for (const tail of [[0], [0x30], [...leaf.der.subarray(0, 50)]]) {
      expect(codeOf(() => parseCertificates(Uint8Array.from([...two, ...tail])))).toBe("DER_MALFORMED");
    }
  });

  it("looks at purposes when asked to, and takes a certificate that names none", () => {
    const purposes = (...ids: string[]): Wishes => ({
      extensions: [extension(OID.extKeyUsage, false, sequence(...ids.map(oid)))],
    });
    const eku = OID.serverAuth;
    expect(verify([certify(l, r)], [root], { eku })).toBe("ok");
    expect(verify([certify(l, r, purposes(OID.clientAuth))], [root], { eku })).toBe("WRONG_EKU");
    expect(verify([certify(l, r, purposes(OID.clientAuth))], [root])).toBe("ok");
    expect(verify([certify(l, r, purposes(OID.anyExtendedKeyUsage))], [root], { eku })).toBe("ok");
    expect(verify([leaf, certify(i, r, { ca: true, ...purposes(OID.clientAuth) })], [root], { eku })).toBe("WRONG_EKU");
  });

  it("gives the path, leaf first, anchor last", () => {
    expect(verifyPath(leaf, [root, intermediate], [root], { now })).toEqual([leaf, intermediate, root]);
  });

  it("bounds its work where many issuers have one name", () => {
    const crowd = Array.from({ length: 150 }, () => certify({ name: "I", keys: ecKeys() }, r, { ca: true }));
    expect(verify([leaf, ...crowd], [root])).toBe("PATH_BUDGET");
  });

  it("ends when intermediates certify each other", () => {
    const crossed = [certify(i, j, { ca: true }), certify(j, i, { ca: true })];
    expect(verify([leaf, ...crossed], [root])).toBe("UNTRUSTED");
  });
});

describe("name constraints", () => {
  const constrained = (subtrees: Parameters<typeof nameConstraints>[0], ...names: readonly Uint8Array[]): string => {
    const issuer = certify(i, r, { ca: true, names: [], extensions: [nameConstraints(subtrees)] });
    return verify([certify(l, i, { names }), issuer], [root]);
  };
  const email = (text: string): Uint8Array => tlv(0x81, Buffer.from(text));
  const ip = (hex: string): Uint8Array => tlv(0x87, der.hex(hex));

  it.each<[string, string, string, "permitted" | "excluded"]>([
    ["example.org", "spiffe://example.org/w", "ok", "permitted"],
    ["example.org", "spiffe://EXAMPLE.org/w", "ok", "permitted"],
    ["example.org", "spiffe://sub.example.org/w", "NAME_CONSTRAINT", "permitted"],
    ["example.org", "spiffe://other.org/w", "NAME_CONSTRAINT", "permitted"],
    ["example.org", "spiffe://other.org/example.org", "NAME_CONSTRAINT", "permitted"],
    ["example.org", "spiffe://example.org@other.org/w", "NAME_CONSTRAINT", "permitted"],
    ["example.org", "spiffe:example.org", "NAME_CONSTRAINT", "permitted"],
    ["example.org", "https://127.0.0.1/", "NAME_CONSTRAINT", "permitted"],
    [".example.org", "spiffe://a.example.org/w", "ok", "permitted"],
    [".example.org", "spiffe://example.org/w", "NAME_CONSTRAINT", "permitted"],
    ["my_td", "spiffe://my_td/w", "ok", "permitted"],
    ["bad.org", "spiffe://bad.org/w", "NAME_CONSTRAINT", "excluded"],
    ["bad.org", "spiffe://good.org/w", "ok", "excluded"],
  ])("URI %s, leaf %s: %s (%s)", (subtree, name, code, list) => {
    expect(constrained({ [list]: [uri(subtree)] }, uri(name))).toBe(code);
  });

  it.each<[string, string, string]>([
    ["example.org", "example.org", "ok"],
    ["example.org", "a.b.Example.org", "ok"],
    ["example.org", "badexample.org", "NAME_CONSTRAINT"],
    ["example.org", "*.example.org", "ok"],
    ["example.org", "example.org.", "NAME_CONSTRAINT"],
    ["example.org", "a..example.org", "NAME_CONSTRAINT"],
  ])("DNS permitted %s, leaf %s: %s", (subtree, name, code) => {
    expect(constrained({ permitted: [dns(subtree)] }, uri("spiffe://example.org/w"), dns(name))).toBe(code);
  });

  it("a wildcard meets an excluded name that it may stand for", () => {
    const check = (name: string): string =>
      constrained({ excluded: [dns("secret.example.org")] }, uri("spiffe://td/w"), dns(name));
    expect([check("*.example.org"), check("*.example.com"), check("www.example.org")]).toEqual([
      "NAME_CONSTRAINT",
      "ok",
      "ok",
    ]);
  });

  it("addresses, mail and other kinds are compared or refused, never skipped", () => {
    const w = uri("spiffe://td/w");
    expect(constrained({ permitted: [ip("0a000000ff000000")] }, w, ip("0a010203"))).toBe("ok");
    expect(constrained({ permitted: [ip("0a000000ff000000")] }, w, ip("0b010203"))).toBe("NAME_CONSTRAINT");
    expect(constrained({ permitted: [ip("0a000000ff00ff00")] }, w, ip("0a010203"))).toBe("NAME_CONSTRAINT");
    expect(constrained({ permitted: [email("example.org")] }, w, email("a@example.org"))).toBe("ok");
    expect(constrained({ permitted: [email("example.org")] }, w, email("a@sub.example.org"))).toBe("NAME_CONSTRAINT");
    const other = tlv(0xa0, oid("1.2.3"), tlv(0xa0, der.hex("0c0161")));
    expect(constrained({ excluded: [other] }, w, other)).toBe("NAME_CONSTRAINT");
    expect(constrained({ excluded: [other] }, w)).toBe("ok");
  });

  it("bind every certificate below, and not a leaf that has none of that kind", () => {
    expect(constrained({ permitted: [uri("example.org")] }, dns("web"))).toBe("ok");
    const top = certify(i, r, {
      ca: true,
      names: [],
      extensions: [nameConstraints({ permitted: [uri("example.org")] })],
    });
    const m = party("M");
    const middle = certify(m, i, { ca: true, names: [uri("spiffe://other.org")] });
    expect(verify([certify(l, m), middle, top], [root])).toBe("NAME_CONSTRAINT");
  });

  it("in a leaf that is no CA are refused", () => {
    expect(
      verify([certify(l, r, { extensions: [nameConstraints({ permitted: [uri("example.org")] })] })], [root]),
    ).toBe("NAME_CONSTRAINT");
  });

  it("directory names are compared as RFC 5280 §7.1 says: case and spaces do not count, the first RDNs do", () => {
    const rdn = (type: string, tag: number, text: string): Uint8Array =>
      tlv(0x31, sequence(oid(type), tlv(tag, Buffer.from(text))));
    const directory = (...rdns: readonly Uint8Array[]): Uint8Array => tlv(0xa4, sequence(...rdns));
    const [o, ou] = ["2.5.4.10", "2.5.4.11"];
    const acme = rdn(o, 0x0c, "Acme  Inc");
    const check = (name: Uint8Array): string => constrained({ permitted: [directory(acme)] }, name);
    // The subject CN=L lies in no permitted subtree either.
    expect(check(directory(acme))).toBe("NAME_CONSTRAINT");
    const excluded = (name: Uint8Array): string => constrained({ excluded: [directory(acme)] }, name);
    expect(excluded(directory(rdn(o, 0x13, "ACME inc"), rdn(ou, 0x0c, "x")))).toBe("NAME_CONSTRAINT");
    expect(excluded(directory(rdn(ou, 0x0c, "x"), acme))).toBe("ok");
    expect(excluded(directory(rdn(o, 0x0c, "Acme Incorporated")))).toBe("ok");
  });
});

describe("what RFC 5280 wants of those who write certificates", () => {
  const lenient = (chain: readonly Certificate[], anchors: readonly Certificate[]): string =>
    verify(chain, anchors, { strict: false });
  const noncritical = extension(OID.basicConstraints, false, sequence(der.hex("0101ff")));
  const { subjectKeyIdentifier: ski, authorityKeyIdentifier: aki, basicConstraints } = OID;

  it.each<[string, Wishes, string]>([
    [
      "an AKI that is critical",
      {
        replace: {
          [OID.authorityKeyIdentifier]: extension(
            OID.authorityKeyIdentifier,
            true,
            sequence(tlv(0x80, new Uint8Array(20))),
          ),
        },
      },
      "MALFORMED",
    ],
    ["an SKI that is critical", { replace: { [ski]: extension(ski, true, tlv(4, new Uint8Array(20))) } }, "MALFORMED"],
    ["keyCertSign without being a CA", { keyUsage: "03020284" }, "MALFORMED"],
    ["no AKI", { replace: { [aki]: undefined } }, "ok"],
  ])("refuses a leaf with %s; not strict: as listed", (_, wishes, otherwise) => {
    const odd = certify(l, r, wishes);
    expect([verify([odd], [root]), lenient([odd], [root])]).toEqual(["MALFORMED", otherwise]);
  });

  it.each<[string, Wishes, string]>([
    ["no SKI", { replace: { [ski]: undefined } }, "ok"],
    ["basic constraints that are not critical", { replace: { [basicConstraints]: noncritical } }, "MALFORMED"],
  ])("refuses an intermediate with %s; not strict: as listed", (_, wishes, otherwise) => {
    const odd = certify(i, r, { ca: true, ...wishes });
    expect([verify([leaf, odd], [root]), lenient([leaf, odd], [root])]).toEqual(["MALFORMED", otherwise]);
  });

  it("takes an anchor as it is when not strict", () => {
    const odd = certify(r, r, { ca: true, replace: { [basicConstraints]: noncritical } });
    const below = certify(l, r);
    expect([verify([below], [odd]), lenient([below], [odd])]).toEqual(["MALFORMED", "ok"]);
  });
});

describe("signatures on a path", () => {
  const rsaKeys = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const rsa = party("RSA", rsaKeys);
  const nul = der.hex("0500");
  const rsaSigning = (dotted: string, hash: string, parameters = nul): Signing => ({
    algorithm: sequence(oid(dotted), parameters),
    sign: (data, key) => sign(hash, data, key),
  });
  const pss = (hash: string, salt: number, maskHash = hash): Signing => {
    const names: Readonly<Record<string, string>> = {
      sha1: "1.3.14.3.2.26",
      sha256: OID.sha256,
      sha384: OID.sha384,
      sha512: OID.sha512,
    };
    const identifier = (name: string): Uint8Array => sequence(oid(names[name] ?? ""));
    const parameters = sequence(
      tlv(0xa0, identifier(hash)),
      tlv(0xa1, sequence(oid(OID.mgf1), identifier(maskHash))),
      tlv(0xa2, unsignedInteger(Uint8Array.of(salt))),
    );
    return {
      algorithm: sequence(oid(OID.rsaPss), parameters),
      sign: (data, key) => sign(hash, data, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: salt }),
    };
  };
  const rsaRoot = certify(rsa, rsa, { ca: true, signing: rsaSigning(OID.sha256WithRsa, "sha256") });

  it.each<[string, string, Signing]>([
    ["RSA with SHA-256", "ok", rsaSigning(OID.sha256WithRsa, "sha256")],
    ["RSA with SHA-384", "ok", rsaSigning(OID.sha384WithRsa, "sha384")],
    ["RSA with SHA-512", "ok", rsaSigning(OID.sha512WithRsa, "sha512")],
    ["RSA with SHA-256 without parameters", "ok", rsaSigning(OID.sha256WithRsa, "sha256", new Uint8Array())],
    ["RSA with other parameters", "WEAK_SIGNATURE", rsaSigning(OID.sha256WithRsa, "sha256", der.hex("020100"))],
    ["RSA with SHA-1", "WEAK_SIGNATURE", rsaSigning("1.2.840.113549.1.1.5", "sha1")],
    ["RSA with MD5", "WEAK_SIGNATURE", rsaSigning("1.2.840.113549.1.1.4", "md5")],
    ["RSA-PSS with SHA-256", "ok", pss("sha256", 32)],
    ["RSA-PSS with SHA-512", "ok", pss("sha512", 64)],
    ["RSA-PSS with SHA-1", "WEAK_SIGNATURE", pss("sha1", 20)],
    ["RSA-PSS with a short salt", "WEAK_SIGNATURE", pss("sha256", 8)],
    ["RSA-PSS with another hash in the mask", "WEAK_SIGNATURE", pss("sha256", 32, "sha512")],
    [
      "an algorithm of another kind of key",
      "UNTRUSTED",
      { algorithm: sequence(oid(OID.ecdsaWithSha256)), sign: (data, key) => sign("sha256", data, key) },
    ],
  ])("%s: %s", (_, code, signing) => {
    expect(verify([certify(l, rsa, { signing })], [rsaRoot])).toBe(code);
  });

  it.each<[string, string | null, Keys]>([
    [OID.ecdsaWithSha384, "sha384", ecKeys("P-384")],
    [OID.ecdsaWithSha512, "sha512", ecKeys("P-521")],
    [OID.ed25519, null, generateKeyPairSync("ed25519")],
  ])("takes %s", (dotted, hash, keys) => {
    const issuer = party("other", keys);
    const signing = plainSigning(dotted, hash);
    expect(verify([certify(l, issuer, { signing })], [certify(issuer, issuer, { ca: true, signing })])).toBe("ok");
  });

  it("refuses an issuer whose key is weak before its signature is looked at", () => {
    const weak = party("weak", generateKeyPairSync("rsa", { modulusLength: 1024 }));
    const signing = rsaSigning(OID.sha256WithRsa, "sha256");
    expect(verify([certify(l, weak, { signing })], [certify(weak, weak, { ca: true, signing })])).not.toBe("ok");
  });
});
