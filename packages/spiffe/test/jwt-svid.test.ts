// SPDX-License-Identifier: Apache-2.0
import { sign } from "node:crypto";
import { inspect } from "node:util";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  BundleSet,
  JwtBundle,
  JwtSvidError,
  parseJwtSvid,
  SpiffeBundle,
  TrustDomain,
  verifyJwtSvid,
  type JwtAuthorityKey,
  type JwtSvid,
  type VerifyJwtOptions,
} from "../src/index.ts";
import { anyText } from "./any-text.ts";
import { ecKeys, makeCa, now } from "./certificate-maker.ts";
import { codeOf } from "./code-of.ts";
import { encode, goodClaims, makeToken, rsaKeys, seconds, type TokenSpec } from "./token-maker.ts";

const td = TrustDomain.parse("td");
const keys = ecKeys();
const p384 = ecKeys("P-384");
const p521 = ecKeys("P-521");
const rsa = rsaKeys();
const authorities: JwtAuthorityKey[] = [
  { keyId: "k1", publicKey: keys.publicKey },
  { keyId: "p384", publicKey: p384.publicKey },
  { keyId: "p521", publicKey: p521.publicKey },
  { keyId: "rsa", publicKey: rsa.publicKey },
];
const bundles = BundleSet.of(new JwtBundle(td, authorities));
const options: VerifyJwtOptions = { audience: ["db"], now };

const verify = (token: string, more: Partial<VerifyJwtOptions> = {}): JwtSvid =>
  verifyJwtSvid(token, bundles, { ...options, ...more });
const codeFor = (token: string, more: Partial<VerifyJwtOptions> = {}): string => codeOf(() => verify(token, more));
const tokenCode = (spec: TokenSpec): string => codeFor(makeToken(keys, spec));

describe("form of a JWT-SVID", () => {
  const good = makeToken(keys);
  const [header = "", payload = "", sig = ""] = good.split(".");

  it("JWT-01 takes the compact form only", () => {
    expect(codeFor(good)).toBe("accepted");
    const json = JSON.stringify({ payload, signatures: [{ protected: header, signature: sig }] });
    for (const token of [
      json,
      `${good}.a.b`,
      `${header}.${payload}`,
      `${good}.`,
      `${header}=.${payload}.${sig}`,
      `${header}.${payload}=.${sig}`,
      ` ${good}`,
      `${good}\n`,
      "",
    ])
      expect(codeFor(token)).toBe("MALFORMED");
  });

  it("JWT-01 refuses a token over 16 KiB and a header over 4 KiB", () => {
    expect(tokenCode({ claims: { more: "a".repeat(13_000) } })).toBe("TOO_LARGE");
    expect(tokenCode({ header: { kid: "a".repeat(4_000) } })).toBe("TOO_LARGE");
    expect(tokenCode({ claims: { more: "a".repeat(10_000) } })).toBe("accepted");
  });

  it("JWT-02 takes each of the nine algorithms", () => {
    const signers = { ES256: ["k1", keys], ES384: ["p384", p384], ES512: ["p521", p521] } as const;
    for (const [alg, [kid, signer]] of Object.entries(signers))
      expect(verify(makeToken(signer, { header: { alg, kid } })).algorithm).toBe(alg);
    for (const alg of ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"])
      expect(verify(makeToken(rsa, { header: { alg, kid: "rsa" } })).algorithm).toBe(alg);
  });

  it.each([
    ..."none None NONE HS256 HS384 HS512 EdDSA Ed25519 Ed448 ES256K ML-DSA-44 ML-DSA-65 ML-DSA-87 rs256 es256 __proto__ constructor".split(
      " ",
    ),
    "",
    undefined,
    null,
    5,
    ["ES256"],
  ])("JWT-02 JWT-20 refuses the algorithm %j before anything else", (alg) => {
    // Everything else is wrong as well.
    const token = `${encode({ alg, typ: "x", crit: ["x"] })}.!.!`;
    expect(codeFor(token)).toBe("BAD_ALG");
    expect(codeOf(() => parseJwtSvid(token))).toBe("BAD_ALG");
  });

  it("JWT-03 holds each algorithm to its key: type, curve and form of signature", () => {
    expect(codeFor(makeToken(p384, { header: { kid: "p384" }, algorithm: "ES256" }))).toBe("BAD_SIGNATURE");
    expect(codeFor(makeToken(keys, { header: { alg: "ES384" }, algorithm: "ES384" }))).toBe("BAD_SIGNATURE");
    expect(codeFor(makeToken(rsa, { header: { kid: "rsa" }, algorithm: "RS256" }))).toBe("BAD_SIGNATURE");
    expect(codeFor(makeToken(keys, { header: { alg: "RS256" }, algorithm: "ES256" }))).toBe("BAD_SIGNATURE");
    expect(codeFor(makeToken(rsa, { header: { alg: "PS256", kid: "rsa" }, algorithm: "RS256" }))).toBe("BAD_SIGNATURE");
    const derSignature = sign("sha256", Buffer.from(`${header}.${payload}`), keys.privateKey).toString("base64url");
    expect(codeFor(`${header}.${payload}.${derSignature}`)).toBe("BAD_SIGNATURE");
  });

  it("JWT-03 refuses another curve with coordinates of the same size", () => {
    const k1 = ecKeys("secp256k1");
    const source = BundleSet.of(new JwtBundle(td, [{ keyId: "k1", publicKey: k1.publicKey }]));
    expect(codeOf(() => verifyJwtSvid(makeToken(k1), source, options))).toBe("BAD_SIGNATURE");
  });

  it("JWT-04 refuses an unknown key without trying others, and a token that names none", () => {
    for (const kid of ["k2", "K1", "", undefined, "../../x", "__proto__"])
      expect(tokenCode({ header: { kid } })).toBe("UNKNOWN_KEY");
    for (const kid of [5, null, ["k1"]]) expect(tokenCode({ header: { kid } })).toBe("MALFORMED");
  });

  it("JWT-05 takes no type but JWT and JOSE, exactly", () => {
    for (const typ of [undefined, "JWT", "JOSE"]) expect(tokenCode({ header: { typ } })).toBe("accepted");
    for (const typ of ["jwt", "at+jwt", "wit+jwt", "application/jwt", "", 5, null])
      expect(tokenCode({ header: { typ } })).toBe("BAD_TYP");
  });

  it("JWT-06 JWT-07 refuses every other header", () => {
    for (const name of [
      "jwk",
      "jku",
      "x5u",
      "x5c",
      "x5t",
      "x5t#S256",
      "crit",
      "b64",
      "cty",
      "zip",
      "enc",
      "foo",
      "__proto__",
    ])
      expect(
        tokenCode({
          header: JSON.stringify({ alg: "ES256", kid: "k1" }).replace("}", `,${JSON.stringify(name)}:"x"}`),
        }),
      ).toBe("UNEXPECTED_HEADER");
  });

  it("refuses a header or claims with one name twice", () => {
    expect(tokenCode({ header: '{"alg":"none","alg":"ES256","kid":"k1"}' })).toBe("MALFORMED");
    expect(tokenCode({ claims: JSON.stringify(goodClaims).replace("}", ',"sub":"spiffe://td/admin"}') })).toBe(
      "MALFORMED",
    );
  });
});

describe("claims of a JWT-SVID", () => {
  it("JWT-10 wants a SPIFFE ID as subject", () => {
    expect(tokenCode({ claims: { sub: undefined } })).toBe("MISSING_SUB");
    for (const sub of [5, null, "", "alice", "spiffe://td/a/", ["spiffe://td/w"]])
      expect(tokenCode({ claims: { sub } })).toBe("BAD_SUB");
    expect(verify(makeToken(keys)).id.toString()).toBe("spiffe://td/w");
  });

  it("JWT-11 wants an audience, one text or several", () => {
    for (const aud of [undefined, [], "", [""], 5, null, ["db", 5], ["db", ""], { db: true }])
      expect(tokenCode({ claims: { aud } })).toBe("MISSING_AUD");
    expect(verify(makeToken(keys, { claims: { aud: "db" } })).audience).toEqual(["db"]);
    expect(verify(makeToken(keys, { claims: { aud: ["db"] } })).audience).toEqual(["db"]);
  });

  it("JWT-12 wants the validator's own audience, byte by byte", () => {
    const token = makeToken(keys, { claims: { aud: ["a", "b"] } });
    for (const name of ["a", "b"]) expect(codeFor(token, { audience: [name] })).toBe("accepted");
    for (const name of ["A", "c", "a/", "ab"]) expect(codeFor(token, { audience: [name] })).toBe("AUD_MISMATCH");
    expect(codeFor(token, { audience: ["c", "b"] })).toBe("accepted");
    expect(() => verify(token, { audience: [] })).toThrow(TypeError);
    expect(() => verify(token, { audience: [""] })).toThrow(TypeError);
  });

  it("JWT-13 takes 32 audiences and no more", () => {
    const many = (count: number): string =>
      tokenCode({ claims: { aud: ["db", ...Array.from({ length: count - 1 }, (_, i) => `a${i}`)] } });
    expect([many(32), many(33)]).toEqual(["accepted", "TOO_LARGE"]);
  });

  it("JWT-14 wants a time of expiry that is to come", () => {
    for (const exp of ["undefined", `"${seconds}"`, "null", "1e308", "-1e300", "{}"])
      expect(
        tokenCode({
          claims: JSON.stringify({ ...goodClaims, exp: "x" }).replace('"x"', exp === "undefined" ? "null" : exp),
        }),
      ).toBe("MISSING_EXP");
    expect(tokenCode({ claims: { exp: undefined } })).toBe("MISSING_EXP");
    expect(tokenCode({ claims: `{"sub":"spiffe://td/w","aud":"db","exp":NaN}` })).toBe("MALFORMED");
    for (const claim of ['"iss":5', '"jti":null', '"jti":["a"]'])
      expect(tokenCode({ claims: `{"sub":"spiffe://td/w","aud":"db","exp":4102444800,${claim}}` })).toBe("MALFORMED");
    expect(tokenCode({ claims: { exp: seconds - 1 } })).toBe("EXPIRED");
    expect(tokenCode({ claims: { exp: seconds } })).toBe("EXPIRED");
    expect(tokenCode({ claims: { exp: -5 } })).toBe("EXPIRED");
    expect(tokenCode({ claims: { exp: seconds + 0.5 } })).toBe("accepted");
    expect(codeFor(makeToken(keys, { claims: { exp: seconds - 61 } }), { leewaySeconds: 60 })).toBe("EXPIRED");
    expect(codeFor(makeToken(keys, { claims: { exp: seconds - 59 } }), { leewaySeconds: 60 })).toBe("accepted");
    for (const leewaySeconds of [-1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => verify(makeToken(keys), { leewaySeconds })).toThrow(RangeError);
    expect(codeFor(makeToken(keys), { now: new Date(Number.NaN) })).toBe("EXPIRED");
  });

  it("JWT-15 honours not-before", () => {
    expect(tokenCode({ claims: { nbf: seconds + 1 } })).toBe("NOT_YET_VALID");
    expect(tokenCode({ claims: { nbf: seconds } })).toBe("accepted");
    expect(codeFor(makeToken(keys, { claims: { nbf: seconds + 60 } }), { leewaySeconds: 60 })).toBe("accepted");
    for (const nbf of ["1", null, {}]) expect(tokenCode({ claims: { nbf } })).toBe("MALFORMED");
  });

  it("JWT-16 hands other claims through", () => {
    const svid = verify(makeToken(keys, { claims: { task: { id: "t1" } } }));
    expect(svid.claims).toEqual({ ...goodClaims, task: { id: "t1" } });
    expect([svid.issuedAt, svid.expiresAt]).toEqual([now, new Date((seconds + 300) * 1000)]);
  });

  it("JWT-17 takes one token twice", () => {
    const token = makeToken(keys, { claims: { jti: "1" } });
    expect([codeFor(token), codeFor(token)]).toEqual(["accepted", "accepted"]);
  });
});

describe("verification of a JWT-SVID", () => {
  it("JWT-20 finds the signature wrong before it looks at audience or time", () => {
    const stranger = ecKeys();
    expect(codeFor(makeToken(stranger, { claims: { aud: undefined, exp: 0 } }))).toBe("BAD_SIGNATURE");
    expect(codeFor(makeToken(stranger, { claims: { sub: "spiffe://other/w" } }))).toBe("NO_BUNDLE");
    expect(codeFor(makeToken(stranger, { header: { kid: "k9" } }))).toBe("UNKNOWN_KEY");
    expect(codeFor(makeToken(stranger, { claims: { sub: "x" } }))).toBe("BAD_SUB");
    expect(codeFor(makeToken(stranger, { header: { typ: "x" }, claims: { sub: "x" } }))).toBe("BAD_TYP");
  });

  it("JWT-21 SVID-03 refuses a change of any bit", () => {
    const token = makeToken(keys);
    const [header = "", payload = "", sig = ""] = token.split(".");
    const flipped = (segment: string, at: number): string => {
      const bytes = Buffer.from(segment, "base64url");
      bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
      return bytes.toString("base64url");
    };
    const at = (segment: string, text: string): number => Buffer.from(segment, "base64url").indexOf(text) + 1;
    // The same header in another order: the bytes count, not their meaning.
    expect(codeFor(`${encode({ typ: "JWT", kid: "k1", alg: "ES256" })}.${payload}.${sig}`)).toBe("BAD_SIGNATURE");
    expect(codeFor(`${header}.${flipped(payload, at(payload, "td/w") + 2)}.${sig}`)).toBe("BAD_SIGNATURE");
    for (const index of [0, 31, 32, 63])
      expect(codeFor(`${header}.${payload}.${flipped(sig, index)}`)).toBe("BAD_SIGNATURE");
  });

  it("JWT-21 refuses an RSA key under 2048 bits", () => {
    const weak = rsaKeys(1024);
    const source = BundleSet.of(new JwtBundle(td, [{ keyId: "k1", publicKey: weak.publicKey }]));
    expect(codeOf(() => verifyJwtSvid(makeToken(weak, { header: { alg: "RS256" } }), source, options))).toBe(
      "BAD_SIGNATURE",
    );
  });

  it("JWT-22 SVID-05 WLAPI-35 uses the bundle of the subject's trust domain", () => {
    const other = ecKeys();
    const b = TrustDomain.parse("b");
    const two = bundles.with(new JwtBundle(b, [{ keyId: "kb", publicKey: other.publicKey }]));
    const code = (kid: string, sub: string): string =>
      codeOf(() => verifyJwtSvid(makeToken(keys, { header: { kid }, claims: { sub } }), two, options));
    expect(code("k1", "spiffe://td/w")).toBe("accepted");
    expect(code("k1", "spiffe://b/w")).toBe("UNKNOWN_KEY");
    expect(code("kb", "spiffe://b/w")).toBe("BAD_SIGNATURE");
    expect(code("k1", "spiffe://c/w")).toBe("NO_BUNDLE");
    const wrong = { get: (): JwtBundle => new JwtBundle(b, authorities) };
    expect(codeOf(() => verifyJwtSvid(makeToken(keys), wrong, options))).toBe("NO_BUNDLE");
  });

  it("JWT-23 WIT-16 uses no key that is published for something else", () => {
    const jwk = { ...keys.publicKey.export({ format: "jwk" }), kid: "k1" };
    const x5c = [Buffer.from(makeCa({ keys }).certificate.der).toString("base64")];
    const code = (entry: object): string => {
      const parsed = SpiffeBundle.parse(td, JSON.stringify({ keys: [entry] }));
      return codeOf(() => verifyJwtSvid(makeToken(keys), BundleSet.of(parsed.jwt()), options));
    };
    expect(code({ ...jwk, use: "jwt-svid" })).toBe("accepted");
    expect(code({ ...jwk, use: "wit-svid" })).toBe("UNKNOWN_KEY");
    expect(code({ ...jwk, use: "x509-svid", x5c })).toBe("UNKNOWN_KEY");
  });

  it("WLAPI-31 takes the keys that the Workload API sends, without use", () => {
    const jwks = new JwtBundle(td, authorities).toJwks();
    expect(JSON.parse(jwks).keys.map((key: object) => Object.keys(key).sort())).toEqual([
      ["crv", "kid", "kty", "x", "y"],
      ["crv", "kid", "kty", "x", "y"],
      ["crv", "kid", "kty", "x", "y"],
      ["e", "kid", "kty", "n"],
    ]);
    const again = JwtBundle.fromJwks(td, Buffer.from(jwks));
    expect(codeOf(() => verifyJwtSvid(makeToken(keys), BundleSet.of(again), options))).toBe("accepted");
  });

  it("a workload reads its own token without a bundle, time or audience", () => {
    const svid = parseJwtSvid(makeToken(ecKeys(), { claims: { exp: 5 } }));
    expect([svid.id.toString(), svid.audience, svid.expiresAt, svid.keyId]).toEqual([
      "spiffe://td/w",
      ["db"],
      new Date(5000),
      "k1",
    ]);
    const code = (claims: TokenSpec["claims"]): string =>
      codeOf(() => parseJwtSvid(makeToken(keys, claims === undefined ? {} : { claims })));
    expect([code({ sub: undefined }), code({ aud: undefined }), code({ exp: undefined })]).toEqual([
      "MISSING_SUB",
      "MISSING_AUD",
      "MISSING_EXP",
    ]);
  });

  it("shows the token only to those who ask for it", () => {
    const token = makeToken(keys);
    const svid = verify(token);
    expect(svid.token).toBe(token);
    for (const shown of [
      JSON.stringify(svid),
      inspect(svid, { depth: 9, showHidden: true }),
      JSON.stringify([svid, Object.values(svid)]),
    ])
      expect(shown).not.toContain(token.split(".")[2]);
  });

  it("no error's message holds the token", () => {
    const token = makeToken(ecKeys());
    expect.assertions(2);
    try {
      verify(token);
    } catch (error) {
      expect(String(error)).not.toContain(token.slice(0, 20));
      expect(error).toMatchObject({ code: "BAD_SIGNATURE", claimedId: "spiffe://td/w", keyId: "k1" });
    }
  });
});

describe("properties", () => {
  it("any text is refused with a JWT-SVID's error", () => {
    const segment = fc.oneof(
      fc.constantFrom(encode({ alg: "ES256", kid: "k1" }), encode({ alg: "none" }), encode(goodClaims), "", "!"),
      fc.json({ maxDepth: 3 }).map(encode),
      anyText,
    );
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 5 }), (segments) => {
        try {
          verify(segments.join("."));
          expect.unreachable();
        } catch (error) {
          expect(error).toBeInstanceOf(JwtSvidError);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("what an issuer puts in comes out", () => {
    const audiences = fc.array(fc.string({ minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 8 });
    const path = fc.stringMatching(/^(\/[a-z0-9]{1,8}){1,4}$/);
    fc.assert(
      fc.property(audiences, path, fc.jsonValue({ maxDepth: 3 }), (aud, where, extra) => {
        const claims = { ...goodClaims, sub: `spiffe://td${where}`, aud, extra };
        const svid = verify(makeToken(keys, { claims }), { audience: [aud[aud.length - 1] ?? ""] });
        expect([svid.id.path, svid.audience, svid.claims]).toEqual([where, aud, JSON.parse(JSON.stringify(claims))]);
      }),
      { numRuns: 100 },
    );
  });

  it("a token changed at one character is refused", () => {
    const token = makeToken(keys);
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.= \n".split("");
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.constantFrom(...alphabet), (at, character) => {
        fc.pre(token[at] !== character);
        expect(codeFor(token.slice(0, at) + character + token.slice(at + 1))).not.toBe("accepted");
      }),
      { numRuns: 500 },
    );
  });
});
