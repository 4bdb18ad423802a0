// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  BundleError,
  BundleSet,
  JwtBundle,
  SpiffeBundle,
  TrustDomain,
  verifyPeer,
  X509Bundle,
  type IgnoredMember,
} from "../src/index.ts";
import { anyText } from "./any-text.ts";
import { ecKeys, makeCa, makeLeaf, now } from "./certificate-maker.ts";
import { codeOf } from "./code-of.ts";
import { rsaKeys } from "./token-maker.ts";

const td = TrustDomain.parse("td");
const root = makeCa();
const second = makeCa({ subject: "second" });
const keys = ecKeys();
const rsa = rsaKeys();

const x5cOf = (made: { certificate: { der: Uint8Array } }): string =>
  Buffer.from(made.certificate.der).toString("base64");
const x509Jwk = (made = root): Record<string, unknown> => ({
  ...made.keys.publicKey.export({ format: "jwk" }),
  use: "x509-svid",
  x5c: [x5cOf(made)],
});
const jwtJwk = (kid = "k1", publicKey = keys.publicKey): Record<string, unknown> => ({
  ...publicKey.export({ format: "jwk" }),
  use: "jwt-svid",
  kid,
});

function read(document: unknown): { bundle: SpiffeBundle; ignored: IgnoredMember[] } {
  const ignored: IgnoredMember[] = [];
  const text = typeof document === "string" ? document : JSON.stringify(document);
  const bundle = SpiffeBundle.parse(td, text, { onIgnored: (member) => ignored.push(member) });
  return { bundle, ignored };
}
const entries = (...list: unknown[]): { bundle: SpiffeBundle; ignored: IgnoredMember[] } => read({ keys: list });
/** How many keys of the two kinds are read, and the codes of what is left out. */
const outcome = (...list: unknown[]): unknown[] => {
  const { bundle, ignored } = entries(...list);
  return [bundle.x509Authorities.length, bundle.jwtAuthorities.length, ...ignored.map(({ code }) => code)];
};
const documentCode = (text: string | Uint8Array): string => codeOf(() => SpiffeBundle.parse(td, text));

const full = new SpiffeBundle({
  trustDomain: td,
  x509Authorities: [root.certificate, second.certificate],
  jwtAuthorities: [
    { keyId: "k1", publicKey: keys.publicKey },
    { keyId: "k2", publicKey: rsa.publicKey },
  ],
  sequenceNumber: 7n,
  refreshHintSeconds: 300,
});

describe("bundle document", () => {
  it("X509-40 JWT-30 JWT-33 JWT-34 BUNDLE-11 writes the members that the standard names and no other", () => {
    const document = JSON.parse(full.toJson()) as {
      keys: Record<string, unknown>[];
      spiffe_sequence: number;
      spiffe_refresh_hint: number;
    };
    expect(Object.keys(document)).toEqual(["keys", "spiffe_sequence", "spiffe_refresh_hint"]);
    expect([document.spiffe_sequence, document.spiffe_refresh_hint]).toEqual([7, 300]);
    expect(document.keys.map((key) => Object.keys(key).sort())).toEqual([
      ["crv", "kty", "use", "x", "x5c", "y"],
      ["crv", "kty", "use", "x", "x5c", "y"],
      ["crv", "kid", "kty", "use", "x", "y"],
      ["e", "kid", "kty", "n", "use"],
    ]);
    expect(document.keys[0]).toEqual(x509Jwk());
    expect(document.keys[2]).toEqual(jwtJwk());
  });

  it("BUNDLE-01 is JSON in UTF-8", () => {
    for (const text of ["", "PEM", "{", '{"keys":[]}x', "\ufeff{}", '{"keys":[],"keys":[]}'])
      expect(documentCode(text)).toBe("NOT_JSON");
    expect(documentCode(Buffer.from([0xff, 0xfe, 0x7b, 0x7d]))).toBe("NOT_JSON");
    expect(documentCode("[]")).toBe("NO_KEYS");
    expect(documentCode(Buffer.from('{"keys":[]}'))).toBe("accepted");
  });

  it("BUNDLE-02 has keys, possibly none", () => {
    for (const text of ["{}", '{"keys":null}', '{"keys":{}}', "null", "1"]) expect(documentCode(text)).toBe("NO_KEYS");
    expect(outcome()).toEqual([0, 0]);
  });

  it("BUNDLE-04 BUNDLE-03 holds a sequence of 64 bits exactly, and drops what is none", () => {
    for (const sequence of ["0", "9007199254740993", "18446744073709551615"]) {
      const { bundle } = read(`{"keys":[],"spiffe_sequence":${sequence}}`);
      expect(bundle.sequenceNumber).toBe(BigInt(sequence));
      expect(read(bundle.toJson()).bundle.sequenceNumber).toBe(BigInt(sequence));
    }
    for (const sequence of ["-1", "1.5", '"1"', "null", "18446744073709551616", "1e30"]) {
      const { bundle, ignored } = read(`{"keys":[${JSON.stringify(jwtJwk())}],"spiffe_sequence":${sequence}}`);
      expect([bundle.sequenceNumber, bundle.jwtAuthorities.length, ignored.map(({ code }) => code)]).toEqual([
        undefined,
        1,
        ["BAD_SEQUENCE"],
      ]);
    }
    for (const sequenceNumber of [-1n, 2n ** 64n])
      expect(
        codeOf(() => new SpiffeBundle({ trustDomain: td, x509Authorities: [], jwtAuthorities: [], sequenceNumber })),
      ).toBe("BAD_SEQUENCE");
  });

  it("BUNDLE-05 takes a refresh hint of whole seconds above 0", () => {
    const hint = (text: string): unknown => read(`{"keys":[],"spiffe_refresh_hint":${text}}`).bundle.refreshHintSeconds;
    expect([hint("300"), hint("0"), hint("-5"), hint("1.5"), hint('"300"'), hint("1e99")]).toEqual([
      300,
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(read('{"keys":[],"spiffe_refresh_hint":0}').ignored[0]?.code).toBe("BAD_REFRESH_HINT");
  });

  it("BUNDLE-07 leaves out a key of an unknown type, and that key only", () => {
    expect(outcome({ kty: "AKP", use: "jwt-svid", kid: "x", pub: "AA" }, jwtJwk())).toEqual([0, 1, "BAD_KEY"]);
    expect(outcome({ kty: "oct", use: "jwt-svid", kid: "x", k: "AA" }, jwtJwk())).toEqual([0, 1, "BAD_KEY"]);
    expect(outcome(5, null, [], "x", jwtJwk())).toEqual([0, 1, "BAD_KEY", "BAD_KEY", "BAD_KEY", "BAD_KEY"]);
  });

  it("BUNDLE-08 leaves out a key with another use, or none", () => {
    for (const use of [undefined, "sig", "X509-SVID", "foo", "", 5, null])
      expect(outcome({ ...jwtJwk("x"), use }, jwtJwk())).toEqual([0, 1, "UNKNOWN_USE"]);
    expect(entries({ ...jwtJwk(), use: "sig" }).ignored[0]?.path).toBe("keys[0]");
  });

  it("WIT-31 BUNDLE-08 knows keys for WIT-SVIDs and takes them for nothing else", () => {
    expect(outcome({ ...jwtJwk(), use: "wit-svid" }, jwtJwk("k2"))).toEqual([0, 1]);
  });

  it("BUNDLE-10 needs no other member of the document", () => {
    expect(read({ keys: [jwtJwk()], more: { deep: [1] } }).bundle.jwtAuthorities).toHaveLength(1);
  });

  it("BUNDLE-12 takes the trust domain from the caller, and writes none", () => {
    expect(full.trustDomain).toBe(td);
    expect(full.toJson()).not.toContain('"td"');
  });

  it("BUNDLE-15 leaves out a key whose material is damaged", () => {
    const jwk = jwtJwk("bad");
    const x = String(jwk["x"]);
    const y = Buffer.from(String(jwk["y"]), "base64url");
    y.writeUInt8(y.readUInt8(31) ^ 1, 31);
    const damaged = [
      { x: `${x}=` },
      { x: x.slice(1) },
      { x: Buffer.concat([Buffer.of(0), Buffer.from(x, "base64url")]).toString("base64url") },
      { alg: 5 },
      { x: `${x}AA` },
      { x: "!" },
      { x: 5 },
      { y: y.toString("base64url") },
      { y: undefined },
      { crv: "P-384" },
      { crv: "secp256k1" },
      { crv: "__proto__" },
    ];
    for (const change of damaged) expect(outcome({ ...jwk, ...change }, jwtJwk())).toEqual([0, 1, "BAD_KEY"]);
    const rsaJwk = jwtJwk("bad", rsa.publicKey);
    for (const change of [
      { e: "AA" },
      { e: "AAEAAQ" },
      { e: "" },
      { n: "AQAB" },
      { n: undefined },
      { n: `${String(rsaJwk["n"])}=` },
    ])
      expect(outcome({ ...rsaJwk, ...change }, jwtJwk())).toEqual([0, 1, "BAD_KEY"]);
    expect(outcome(jwtJwk("weak", rsaKeys(1024).publicKey), jwtJwk())).toEqual([0, 1, "BAD_KEY"]);
  });

  it("JWT-34 leaves out a key that was published with its private half, or is not for verifying", () => {
    expect(outcome({ ...keys.privateKey.export({ format: "jwk" }), use: "jwt-svid", kid: "x" }, jwtJwk())).toEqual([
      0,
      1,
      "BAD_KEY",
    ]);
    expect(outcome({ ...jwtJwk("x"), key_ops: ["sign"] }, { ...jwtJwk(), key_ops: ["verify"] })).toEqual([
      0,
      1,
      "BAD_KEY",
    ]);
  });

  it("X509-41 leaves out a key without certificate", () => {
    for (const x5c of [
      undefined,
      [],
      "",
      [5],
      [""],
      ["!"],
      [x5cOf(root).replace(/=*$/, "x")],
      [Buffer.from(root.certificate.der).toString("base64url")],
    ])
      expect(outcome({ ...x509Jwk(), x5c }, x509Jwk(second))).toEqual([1, 0, "MALFORMED"]);
  });

  it("X509-42 takes the first of several certificates", () => {
    const { bundle } = entries({ ...x509Jwk(), x5c: [x5cOf(root), x5cOf(second)] });
    expect(bundle.x509Authorities.map((authority) => authority.fingerprint)).toEqual([root.certificate.fingerprint]);
  });

  it("X509-44 leaves out a key that is not its certificate's, and does not mind a key ID", () => {
    expect(outcome({ ...x509Jwk(), x5c: [x5cOf(second)] }, x509Jwk(second))).toEqual([1, 0, "BAD_KEY"]);
    expect(outcome({ kty: "EC", use: "x509-svid", x5c: [x5cOf(root)] })).toEqual([0, 0, "BAD_KEY"]);
    expect(outcome({ ...x509Jwk(), kid: "x" })).toEqual([1, 0]);
  });

  it("JWT-30 JWT-31 leaves out a key for JWT-SVIDs without ID, and different keys with one ID", () => {
    for (const kid of [undefined, "", 5, null])
      expect(outcome({ ...jwtJwk(), kid }, jwtJwk())).toEqual([0, 1, "MISSING_KEY_ID"]);
    expect(outcome(jwtJwk("k1"), jwtJwk("k1", ecKeys().publicKey), jwtJwk("k2"))).toEqual([0, 1, "DUPLICATE_KEY_ID"]);
    expect(outcome(jwtJwk("k1"), jwtJwk("k1"))).toEqual([0, 1]);
    expect(outcome(jwtJwk("k1"), { ...jwtJwk("k1"), alg: "ES256" })).toEqual([0, 0, "DUPLICATE_KEY_ID"]);
    const twice = [keys, rsa].map(({ publicKey }) => ({ keyId: "k1", publicKey }));
    expect(codeOf(() => new SpiffeBundle({ trustDomain: td, x509Authorities: [], jwtAuthorities: twice }))).toBe(
      "DUPLICATE_KEY_ID",
    );
    expect(codeOf(() => new JwtBundle(td, [{ keyId: "", publicKey: keys.publicKey }]))).toBe("MISSING_KEY_ID");
  });

  it("JWT-32 X509-43 parts the kinds of keys", () => {
    const { bundle } = entries(x509Jwk(), jwtJwk());
    expect(bundle.x509().authorities).toHaveLength(1);
    expect([...bundle.jwt().keys.keys()]).toEqual(["k1"]);
    expect(entries(x509Jwk()).bundle.jwt().keys.size).toBe(0);
  });

  it("JWT-33 takes Ed25519 from a CA but not for JWT-SVIDs", () => {
    const ed = generateKeyPairSync("ed25519");
    expect(outcome(jwtJwk("ed", ed.publicKey))).toEqual([0, 0, "BAD_KEY"]);
  });

  it("is refused over 4 MiB and over 256 keys", () => {
    expect(documentCode(`{"keys":[],"x":"${"a".repeat(4_194_304)}"}`)).toBe("TOO_LARGE");
    expect(documentCode(JSON.stringify({ keys: Array.from({ length: 257 }, () => 0) }))).toBe("TOO_LARGE");
  });

  it("BUNDLE-14 a change is a new bundle: lists given in or out do not change the old one", () => {
    const given = [root.certificate];
    const bundle = new SpiffeBundle({ trustDomain: td, x509Authorities: given, jwtAuthorities: [] });
    given.push(second.certificate);
    expect(bundle.x509Authorities).toHaveLength(1);
  });
});

describe("plain JWK set", () => {
  it("WLAPI-31 is read without use, and keys of other uses are left out", () => {
    const ignored: string[] = [];
    const bundle = JwtBundle.fromJwks(
      td,
      JSON.stringify({
        keys: [
          { ...jwtJwk("a"), use: undefined },
          jwtJwk("b"),
          { ...jwtJwk("c"), use: "sig" },
          { ...jwtJwk("d"), use: "wit-svid" },
          x509Jwk(),
          { ...jwtJwk(), kid: undefined },
        ],
      }),
      { onIgnored: ({ code }) => ignored.push(code) },
    );
    expect([...bundle.keys.keys()]).toEqual(["a", "b", "c"]);
    expect(ignored).toEqual(["UNKNOWN_USE", "UNKNOWN_USE", "MISSING_KEY_ID"]);
  });

  it("is refused when it is none", () => {
    expect(codeOf(() => JwtBundle.fromJwks(td, "x"))).toBe("NOT_JSON");
    expect(codeOf(() => JwtBundle.fromJwks(td, "{}"))).toBe("NO_KEYS");
  });
});

describe("X509Bundle", () => {
  it("goes through DER and PEM unchanged", () => {
    const bundle = full.x509();
    expect(X509Bundle.fromDer(td, bundle.toDer()).equals(bundle)).toBe(true);
    expect(X509Bundle.fromPem(td, bundle.toPem()).equals(bundle)).toBe(true);
    expect(bundle.equals(new X509Bundle(td, [root.certificate]))).toBe(false);
    expect(bundle.equals(new X509Bundle(TrustDomain.parse("b"), bundle.authorities))).toBe(false);
    expect(X509Bundle.fromDer(td, new Uint8Array()).authorities).toEqual([]);
    expect(new X509Bundle(td, [root.certificate, root.certificate]).authorities).toHaveLength(1);
  });

  it("is refused when certificates can't be read", () => {
    expect(codeOf(() => X509Bundle.fromDer(td, Buffer.concat([root.certificate.der, Buffer.of(0)])))).toBe("MALFORMED");
    expect(codeOf(() => X509Bundle.fromPem(td, ""))).toBe("MALFORMED");
    expect(codeOf(() => X509Bundle.fromPem(td, "-----BEGIN CERTIFICATE-----\nAA"))).toBe("MALFORMED");
    expect(codeOf(() => X509Bundle.fromDer(td, new Uint8Array(4_194_305)))).toBe("TOO_LARGE");
  });

  it("BUNDLE-09 an emptied bundle trusts nobody", () => {
    const leaf = makeLeaf(root);
    const source = (bundle: SpiffeBundle): BundleSet<X509Bundle> => BundleSet.of(bundle.x509());
    const code = (bundle: SpiffeBundle): string =>
      codeOf(() => verifyPeer([leaf.certificate], source(bundle), { now }));
    expect([code(full), code(entries().bundle), code(entries({ ...x509Jwk(), use: "foo" }).bundle)]).toEqual([
      "accepted",
      "UNTRUSTED",
      "UNTRUSTED",
    ]);
  });
});

describe("properties", () => {
  it("what is written is read back", () => {
    const pool = [root, second, makeCa({ subject: "third" })];
    const publicKeys = [keys.publicKey, rsa.publicKey, ecKeys("P-384").publicKey, ecKeys("P-521").publicKey];
    fc.assert(
      fc.property(
        fc.subarray(pool),
        fc.uniqueArray(
          fc.string({ minLength: 1 }).filter((kid) => kid.isWellFormed()),
          { maxLength: 4 },
        ),
        fc.option(fc.bigInt(0n, 2n ** 64n - 1n), { nil: undefined }),
        fc.option(fc.integer({ min: 1 }), { nil: undefined }),
        (authorities, kids, sequenceNumber, refreshHintSeconds) => {
          const bundle = new SpiffeBundle({
            trustDomain: td,
            x509Authorities: authorities.map(({ certificate }) => certificate),
            jwtAuthorities: kids.map((keyId, index) => ({ keyId, publicKey: publicKeys[index] ?? keys.publicKey })),
            sequenceNumber,
            refreshHintSeconds,
          });
          const { bundle: again, ignored } = read(bundle.toJson());
          expect(ignored).toEqual([]);
          expect(again.toJson()).toBe(bundle.toJson());
          expect(
            again.jwtAuthorities.every((key, i) =>
              key.publicKey.equals(bundle.jwtAuthorities[i]?.publicKey ?? rsa.publicKey),
            ),
          ).toBe(true);
          expect([again.sequenceNumber, again.refreshHintSeconds]).toEqual([sequenceNumber, refreshHintSeconds]);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("any document is read or refused with a bundle's error", () => {
    const member = fc.oneof(
      fc.constantFrom(...Object.values(jwtJwk()), ...Object.values(x509Jwk())),
      fc.jsonValue({ maxDepth: 1 }),
    );
    const names = fc.constantFrom(
      "kty",
      "use",
      "kid",
      "crv",
      "x",
      "y",
      "n",
      "e",
      "d",
      "x5c",
      "alg",
      "key_ops",
      "__proto__",
    );
    const key = fc.oneof(fc.dictionary(names, member), fc.jsonValue({ maxDepth: 2 }));
    const document = fc.oneof(
      fc.record({
        keys: fc.oneof(fc.array(key, { maxLength: 4 }), fc.jsonValue()),
        spiffe_sequence: fc.jsonValue({ maxDepth: 1 }),
      }),
      fc.jsonValue(),
    );
    const texts = fc.oneof(
      document.map((value) => JSON.stringify(value)),
      anyText,
    );
    fc.assert(
      fc.property(texts, (text) => {
        try {
          SpiffeBundle.parse(td, text);
          JwtBundle.fromJwks(td, text);
        } catch (error) {
          expect(error).toBeInstanceOf(BundleError);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
