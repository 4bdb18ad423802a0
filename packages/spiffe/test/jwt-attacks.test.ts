// SPDX-License-Identifier: Apache-2.0
import { createHmac, type KeyObject } from "node:crypto";
import { describe, expect, it } from "vitest";
import { BundleSet, JwtBundle, SpiffeBundle, TrustDomain, verifyJwtSvid, type BundleLookup } from "../src/index.ts";
import { ecKeys, makeCa, now } from "./certificate-maker.ts";
import { codeOf } from "./code-of.ts";
import { encode, goodClaims, goodHeader, makeToken, rsaKeys, seconds, type TokenSpec } from "./token-maker.ts";

const td = TrustDomain.parse("td");
const keys = ecKeys();
const bundles = BundleSet.of(new JwtBundle(td, [{ keyId: "k1", publicKey: keys.publicKey }]));
const check = (token: string, source: BundleLookup<JwtBundle> = bundles, leewaySeconds = 0): string =>
  codeOf(() => verifyJwtSvid(token, source, { audience: ["db"], now, leewaySeconds }));
const attack = (spec: TokenSpec): string => check(makeToken(keys, spec));
const good = makeToken(keys);
const [header = "", payload = "", sig = ""] = good.split(".");
const jwk = (key: KeyObject, members: object): object => ({ ...key.export({ format: "jwk" }), kid: "k1", ...members });
const parsed = (...entries: object[]): BundleSet<JwtBundle> =>
  BundleSet.of(SpiffeBundle.parse(td, JSON.stringify({ keys: entries })).jwt());

describe("attacks on JWT validation", () => {
  it("an honest token is accepted after each attack", () => {
    expect(check(good)).toBe("accepted");
  });

  it("JWT-D01 no algorithm, and HMAC keyed with the public key", () => {
    for (const alg of ["none", "None", "nOnE"])
      for (const signature of ["", sig])
        expect(check(`${encode({ ...goodHeader, alg })}.${payload}.${signature}`)).toBe("BAD_ALG");
    const secrets = [
      keys.publicKey.export({ format: "pem", type: "spki" }),
      keys.publicKey.export({ format: "der", type: "spki" }),
      JSON.stringify(keys.publicKey.export({ format: "jwk" })),
    ];
    for (const secret of secrets) {
      const input = `${encode({ ...goodHeader, alg: "HS256" })}.${payload}`;
      expect(check(`${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`)).toBe("BAD_ALG");
      const disguised = `${header}.${payload}`;
      expect(check(`${disguised}.${createHmac("sha256", secret).update(disguised).digest("base64url")}`)).toBe(
        "BAD_SIGNATURE",
      );
    }
  });

  it("JWT-D02 an algorithm that is not the key's", () => {
    const rsa = rsaKeys();
    const rsaBundle = BundleSet.of(new JwtBundle(td, [{ keyId: "k1", publicKey: rsa.publicKey }]));
    expect(check(makeToken(rsa, { algorithm: "RS256" }), rsaBundle)).toBe("BAD_SIGNATURE");
    const p384 = ecKeys("P-384");
    const p384Bundle = BundleSet.of(new JwtBundle(td, [{ keyId: "k1", publicKey: p384.publicKey }]));
    expect(check(makeToken(p384, { algorithm: "ES256" }), p384Bundle)).toBe("BAD_SIGNATURE");
    // The key's own algorithm disagrees, though the signature is good.
    const psOnly = parsed(jwk(rsa.publicKey, { use: "jwt-svid", alg: "PS256" }));
    expect(check(makeToken(rsa, { header: { alg: "RS256" } }), psOnly)).toBe("BAD_SIGNATURE");
    expect(check(makeToken(rsa, { header: { alg: "PS256" } }), psOnly)).toBe("accepted");
  });

  it("JWT-D03 times that are none, or out of bounds", () => {
    expect(attack({ claims: { exp: undefined } })).toBe("MISSING_EXP");
    expect(attack({ claims: { exp: String(seconds + 60) } })).toBe("MISSING_EXP");
    expect(attack({ claims: { exp: -1 } })).toBe("EXPIRED");
    // RFC 7519 allows fractions: such a time counts as what it says.
    expect(attack({ claims: { exp: seconds - 0.001 } })).toBe("EXPIRED");
    expect(attack({ claims: JSON.stringify({ ...goodClaims, exp: 1e308 }) })).toBe("MISSING_EXP");
    expect(check(makeToken(keys, { claims: { exp: seconds - 31 } }), bundles, 30)).toBe("EXPIRED");
    expect(check(makeToken(keys, { claims: { nbf: seconds + 31 } }), bundles, 30)).toBe("NOT_YET_VALID");
  });

  it("JWT-D04 an audience that is none, wrong, or a part of ours", () => {
    for (const aud of [undefined, [], ""]) expect(attack({ claims: { aud } })).toBe("MISSING_AUD");
    for (const aud of ["web", "d", "dbx", "db/", "DB", " db", ["d", "b"]])
      expect(attack({ claims: { aud } })).toBe("AUD_MISMATCH");
  });

  it("JWT-D05 a subject that is none, no SPIFFE ID, or of another trust domain than the bundle", () => {
    expect(attack({ claims: { sub: undefined } })).toBe("MISSING_SUB");
    for (const sub of ["alice", "spiffe://", "https://td/w"]) expect(attack({ claims: { sub } })).toBe("BAD_SUB");
    expect(attack({ claims: { sub: "spiffe://other/w" } })).toBe("NO_BUNDLE");
    expect(check(makeToken(keys, { claims: { sub: "spiffe://other/w" } }), { get: () => bundles.get(td) })).toBe(
      "NO_BUNDLE",
    );
  });

  it("JWT-D06 a key ID that is none or strange, and keys sent in the header", () => {
    for (const kid of [undefined, "unknown", "../../x"]) expect(attack({ header: { kid } })).toBe("UNKNOWN_KEY");
    const stranger = ecKeys();
    const own = stranger.publicKey.export({ format: "jwk" });
    for (const more of [
      { jwk: own },
      { jku: "https://evil.example/keys" },
      { x5u: "https://evil.example/c" },
      { x5c: ["AA=="] },
    ])
      expect(check(makeToken(stranger, { header: more }))).toBe("UNEXPECTED_HEADER");
  });

  it("JWT-D07 critical headers, and a payload that is not encoded", () => {
    expect(attack({ header: { crit: ["exp"] } })).toBe("UNEXPECTED_HEADER");
    expect(attack({ header: { crit: [] } })).toBe("UNEXPECTED_HEADER");
    expect(attack({ header: { b64: false } })).toBe("UNEXPECTED_HEADER");
    expect(attack({ header: { crit: ["b64"], b64: false } })).toBe("UNEXPECTED_HEADER");
  });

  it("JWT-D08 another type of token", () => {
    for (const typ of ["wit+jwt", "at+jwt", "jwt", "dpop+jwt"]) expect(attack({ header: { typ } })).toBe("BAD_TYP");
  });

  it("JWT-D09 JSON serialisation, several signatures, and a payload that is elsewhere", () => {
    const flattened = JSON.stringify({ protected: header, payload, signature: sig });
    const general = JSON.stringify({
      payload,
      signatures: [
        { protected: header, signature: sig },
        { protected: header, signature: sig },
      ],
    });
    for (const token of [flattened, general, `${header}..${sig}`, `${header}.${payload}.${sig}.${sig}`])
      expect(check(token)).toBe("MALFORMED");
  });

  it("JWT-D10 a key of the bundle that is not for JWT-SVIDs", () => {
    const x5c = [Buffer.from(makeCa({ keys }).certificate.der).toString("base64")];
    for (const members of [{}, { use: "sig" }, { use: "x509-svid", x5c }, { use: "JWT-SVID" }, { use: "wit-svid" }])
      expect(check(good, parsed(jwk(keys.publicKey, members)))).toBe("UNKNOWN_KEY");
    expect(check(good, parsed(jwk(keys.publicKey, { use: "jwt-svid" })))).toBe("accepted");
  });

  it("JWT-D11 characters that a lax decoder skips, and bits that it drops", () => {
    const segments = [header, payload, sig];
    const spoiled = (index: number, change: (segment: string) => string): string =>
      segments.map((s, i) => (i === index ? change(s) : s)).join(".");
    for (const index of [0, 1, 2]) {
      for (const extra of [" ", "\n", "\t", "=", "==", "+", "/", "\0"]) {
        expect(check(spoiled(index, (s) => s + extra))).toBe("MALFORMED");
        expect(check(spoiled(index, (s) => `${s.slice(0, 4)}${extra}${s.slice(4)}`))).toBe("MALFORMED");
      }
    }
    // 64 octets leave four unused bits in the last character.
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const last = alphabet[alphabet.indexOf(sig.slice(-1)) + 1] ?? "";
    expect(Buffer.from(sig.slice(0, -1) + last, "base64url").equals(Buffer.from(sig, "base64url"))).toBe(true);
    expect(check(`${header}.${payload}.${sig.slice(0, -1)}${last}`)).toBe("MALFORMED");
  });

  it("JWT-D13 a payload, header or signature that was changed", () => {
    expect(check(`${header}.${encode({ ...goodClaims, sub: "spiffe://td/admin" })}.${sig}`)).toBe("BAD_SIGNATURE");
    expect(check(`${encode({ alg: "ES256", kid: "k1" })}.${payload}.${sig}`)).toBe("BAD_SIGNATURE");
    expect(check(`${header}.${payload}.`)).toBe("BAD_SIGNATURE");
    expect(check(`${header}.${payload}.${Buffer.from(sig, "base64url").subarray(0, 32).toString("base64url")}`)).toBe(
      "BAD_SIGNATURE",
    );
    expect(check(`${header}.${payload}.${Buffer.alloc(64).toString("base64url")}`)).toBe("BAD_SIGNATURE");
  });

  it("JWT-D14 two keys with one key ID", () => {
    const other = ecKeys();
    const use = "jwt-svid";
    for (const pair of [
      [jwk(keys.publicKey, { use }), jwk(other.publicKey, { use })],
      [jwk(other.publicKey, { use }), jwk(keys.publicKey, { use })],
    ])
      expect(check(good, parsed(...pair))).toBe("UNKNOWN_KEY");
    expect(check(good, parsed(jwk(keys.publicKey, { use }), jwk(keys.publicKey, { use })))).toBe("accepted");
    const twice = [keys, other].map(({ publicKey }) => ({ keyId: "k1", publicKey }));
    expect(codeOf(() => new JwtBundle(td, twice))).toBe("DUPLICATE_KEY_ID");
  });
});
