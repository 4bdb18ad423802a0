// SPDX-License-Identifier: Apache-2.0
import type { KeyObject } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  BundleSet,
  JwtBundle,
  parseJwtSvid,
  SpiffeBundle,
  SpiffeId,
  TrustDomain,
  verifyJwtSvid,
  verifyPeer,
  X509Bundle,
  X509Svid,
  type IgnoredMember,
} from "../src/index.ts";
import { ecKeys, inMinutes, KU, makeCa, makeLeaf, now, type Made, type Spec } from "./certificate-maker.ts";
import { codeOf } from "./code-of.ts";
import { makeToken, rsaKeys, seconds, type TokenSpec } from "./token-maker.ts";

// The rows of the Go reference library's test tables (SPIFFE IDs, X.509-SVIDs, JWT-SVIDs, bundles), with made-up values. Where the
// standard asks for another outcome than that library's, the row says so.

const td = TrustDomain.parse("td");
const root = makeCa();
const middle = makeCa({ subject: "middle", issuer: root });
const derOf = (...made: readonly Made[]): Buffer => Buffer.concat(made.map(({ certificate }) => certificate.der));
const keyOf = (made: { readonly keys: { readonly privateKey: KeyObject } }): Buffer =>
  made.keys.privateKey.export({ format: "der", type: "pkcs8" });

describe("SPIFFE IDs", () => {
  const allowedInTrustDomain = "abcdefghijklmnopqrstuvwxyz0123456789.-_";
  const allowedInPath = `${allowedInTrustDomain}ABCDEFGHIJKLMNOPQRSTUVWXYZ`;
  const everyCharacter = Array.from({ length: 256 }, (_, code) => String.fromCodePoint(code));

  it("ID-05 TD-02 every one of 256 characters, in the trust domain and in the path", () => {
    for (const character of everyCharacter) {
      const inName = codeOf(() => SpiffeId.parse(`spiffe://trustdomain${character}/path`));
      const inPath = codeOf(() => SpiffeId.parse(`spiffe://trustdomain/path${character}`));
      const slash = character === "/";
      const expectedInName = slash ? "EMPTY_SEGMENT" : "BAD_TRUST_DOMAIN_CHAR";
      expect([character, inName]).toEqual([
        character,
        allowedInTrustDomain.includes(character) ? "accepted" : expectedInName,
      ]);
      const expectedInPath = slash ? "TRAILING_SLASH" : "BAD_PATH_CHAR";
      expect([character, inPath]).toEqual([character, allowedInPath.includes(character) ? "accepted" : expectedInPath]);
    }
  });

  it.each([
    ["trustdomain", "trustdomain"],
    ["spiffe://trustdomain", "trustdomain"],
    ["spiffe://trustdomain/path", "trustdomain"],
    ["spiffe:/trustdomain/path", "BAD_SCHEME"],
    ["spiffe://", "MISSING_TRUST_DOMAIN"],
    ["spiffe:///path", "MISSING_TRUST_DOMAIN"],
    ["spiffe://trustdomain/", "TRAILING_SLASH"],
    ["spiffe://trustdomain/path/", "TRAILING_SLASH"],
    ["spiffe://%F0%9F%A4%AF/path", "BAD_TRUST_DOMAIN_CHAR"],
    ["spiffe://trustdomain/path//element", "EMPTY_SEGMENT"],
    ["xspiffe://trustdomain/path", "BAD_SCHEME"],
    ["", "MISSING_TRUST_DOMAIN"],
  ])("TD-01 a trust domain from %j: %s", (text, expected) => {
    const code = codeOf(() => TrustDomain.parse(text));
    expect(code === "accepted" ? TrustDomain.parse(text).name : code).toBe(expected);
  });

  it.each([
    [[], "spiffe://trustdomain"],
    [["foo"], "spiffe://trustdomain/foo"],
    [["foo", "bar"], "spiffe://trustdomain/foo/bar"],
    [["/"], "BAD_PATH_CHAR"],
    [["", "foo"], "EMPTY_SEGMENT"],
    [["foo", ""], "EMPTY_SEGMENT"],
    [["foo", "."], "DOT_SEGMENT"],
    [[".."], "DOT_SEGMENT"],
    [["world "], "BAD_PATH_CHAR"],
  ])("ID-12 an ID from the segments %j: %s", (segments, expected) => {
    const make = (): SpiffeId => SpiffeId.fromSegments(TrustDomain.parse("trustdomain"), segments);
    const code = codeOf(make);
    expect(code === "accepted" ? make().toString() : code).toBe(expected);
  });
});

describe("X.509-SVIDs that are read", () => {
  const leaf = makeLeaf(middle);
  const single = makeLeaf(root, { keys: rsaKeys() });
  const other = makeLeaf(root);
  const read = (chain: Uint8Array, key: Uint8Array): string => codeOf(() => X509Svid.parse(chain, key));
  const broken = Buffer.from(derOf(single));
  broken.writeUInt8(0x27, 0);
  const notDer = Buffer.from("not DER");

  it.each([
    ["a single certificate and key", derOf(single), keyOf(single), "accepted"],
    ["a certificate with its intermediate", derOf(leaf, middle), keyOf(leaf), "accepted"],
    ["no certificate", Buffer.alloc(0), keyOf(leaf), "NO_CERTS"],
    ["no key", derOf(single), Buffer.alloc(0), "MALFORMED"],
    ["a key in the place of the certificate", keyOf(leaf), keyOf(leaf), "MALFORMED"],
    ["a certificate in the place of the key", derOf(single), derOf(single), "MALFORMED"],
    ["a key that is not DER", derOf(single), notDer, "MALFORMED"],
    ["certificates that are not DER", notDer, keyOf(single), "MALFORMED"],
    ["a damaged key", derOf(leaf, middle), keyOf(leaf).fill(0, 4, 20), "MALFORMED"],
    ["a damaged certificate", broken, keyOf(single), "MALFORMED"],
    ["another leaf's key", derOf(single), keyOf(other), "KEY_MISMATCH"],
  ])("X509-34 %s: %4$s", (_, chain, key, expected) => {
    expect(read(chain, key)).toBe(expected);
  });

  const leafOf = (spec: Spec): string => {
    const made = makeLeaf(root, spec);
    return read(derOf(made), keyOf(made));
  };
  it.each<[string, Spec, string]>([
    ["without URI", { uris: [] }, "NO_URI_SAN"],
    ["with an ID without a path", { uris: ["spiffe://td"] }, "ROOT_PATH"],
    ["that is a CA", { isCa: true }, "LEAF_IS_CA"],
    ["without digitalSignature", { keyUsage: KU.keyEncipherment }, "LEAF_NO_DIGITAL_SIGNATURE"],
    ["with keyCertSign", { keyUsage: KU.digitalSignature | KU.keyCertSign }, "LEAF_KEY_CERT_SIGN"],
    ["with cRLSign", { keyUsage: KU.digitalSignature | KU.crlSign }, "LEAF_CRL_SIGN"],
  ])("X509-24 X509-25 X509-26 a leaf %s: %3$s", (_, spec, expected) => {
    expect(leafOf(spec)).toBe(expected);
  });

  it.each<[string, Spec, string]>([
    ["no CA", { isCa: false }, "SIGNER_NOT_CA"],
    ["a CA without keyCertSign", { keyUsage: KU.crlSign }, "SIGNER_NO_KEY_CERT_SIGN"],
  ])("X509-35 a signer that is %s: %3$s", (_, spec, expected) => {
    expect(read(derOf(leaf, makeCa({ subject: "middle", ...spec })), keyOf(leaf))).toBe(expected);
  });

  it("X509-34 what is written is read back", () => {
    const svid = X509Svid.parse(derOf(leaf, middle), keyOf(leaf));
    expect(X509Bundle.fromPem(td, svid.toPem()).authorities.map(({ fingerprint }) => fingerprint)).toEqual(
      svid.chain.map(({ fingerprint }) => fingerprint),
    );
    expect(svid.privateKey.export({ format: "der", type: "pkcs8" })).toEqual(keyOf(leaf));
  });
});

describe("X.509-SVIDs that are verified", () => {
  const second = makeCa({ subject: "second", uris: ["spiffe://domain2.test"] });
  const one = TrustDomain.parse("domain1.test");
  const leafOf = (spec: Spec = {}): Made => makeLeaf(root, { uris: ["spiffe://domain1.test/workload"], ...spec });
  const bundle = (name: TrustDomain, ...authorities: readonly Made[]): X509Bundle =>
    new X509Bundle(
      name,
      authorities.map(({ certificate }) => certificate),
    );
  const good = BundleSet.of(bundle(one, root));
  const leaf = leafOf();

  it.each<[string, readonly Made[], BundleSet<X509Bundle>, string]>([
    ["an empty chain", [], good, "NO_CERTS"],
    ["no bundle", [leaf], BundleSet.of<X509Bundle>(), "NO_BUNDLE"],
    ["a bundle without roots", [leaf], BundleSet.of(bundle(one)), "UNTRUSTED"],
    [
      "only another trust domain's bundle",
      [leaf],
      BundleSet.of(bundle(TrustDomain.parse("domain2.test"), second)),
      "NO_BUNDLE",
    ],
    ["another scheme", [leafOf({ uris: ["sparfe://domain1.test/workload"] })], good, "BAD_SPIFFE_ID"],
    ["an ID without a path", [leafOf({ uris: ["spiffe://domain1.test"] })], good, "ROOT_PATH"],
    ["another's roots under the right name", [leaf], BundleSet.of(bundle(one, second)), "UNTRUSTED"],
    ["no URI", [leafOf({ uris: [] })], good, "NO_URI_SAN"],
    [
      "its URI twice",
      [leafOf({ uris: ["spiffe://domain1.test/w", "spiffe://domain1.test/w"] })],
      good,
      "MULTIPLE_URI_SAN",
    ],
    ["a CA as leaf", [leafOf({ isCa: true })], good, "LEAF_IS_CA"],
    ["keyCertSign", [leafOf({ keyUsage: KU.digitalSignature | KU.keyCertSign })], good, "LEAF_KEY_CERT_SIGN"],
    ["cRLSign", [leafOf({ keyUsage: KU.digitalSignature | KU.crlSign })], good, "LEAF_CRL_SIGN"],
    ["nothing wrong", [leaf], good, "accepted"],
  ])("X509-27 X509-30 %s: %4$s", (_, chain, bundles, expected) => {
    const certificates = chain.map(({ certificate }) => certificate);
    expect(codeOf(() => verifyPeer(certificates, bundles, { now }))).toBe(expected);
  });

  it("P10 the caller's clock counts: a second after the end", () => {
    const at = new Date(inMinutes(60).getTime() + 1_000);
    expect(codeOf(() => verifyPeer([leaf.certificate], good, { now: at }))).toBe("EXPIRED");
  });

  it("P23 a first byte that is none of a certificate", () => {
    const bytes = Buffer.from(leaf.certificate.der);
    bytes.writeUInt8(0x27, 0);
    expect(codeOf(() => verifyPeer([bytes], good, { now }))).toBe("MALFORMED");
  });
});

describe("JWT-SVIDs", () => {
  const key1 = ecKeys("P-384");
  const key2 = rsaKeys();
  const bundles = BundleSet.of(
    new JwtBundle(td, [
      { keyId: "authority1", publicKey: key1.publicKey },
      { keyId: "authority2", publicKey: key2.publicKey },
    ]),
  );
  const token = (spec: Omit<TokenSpec, "header"> & { readonly header?: object } = {}): string =>
    makeToken(key1, { ...spec, header: { alg: "ES384", kid: "authority1", ...spec.header } });
  const hmac = `${Buffer.from('{"alg":"HS256","typ":"JWT"}').toString("base64url")}.e30.AAAA`;
  const claims = (change: object): string => token({ claims: { iss: "issuer", ...change } });

  const rows: readonly (readonly [string, string, string, string])[] = [
    // What is wrong, the token, verified, only read.
    ["nothing", claims({}), "accepted", "accepted"],
    ["no token at all", "invalid token", "MALFORMED", "MALFORMED"],
    ["HS256", hmac, "BAD_ALG", "BAD_ALG"],
    ["no subject", claims({ sub: undefined }), "MISSING_SUB", "MISSING_SUB"],
    ["no time of expiry", claims({ exp: undefined }), "MISSING_EXP", "MISSING_EXP"],
    // Reading alone says nothing of time and audience: there is no clock and no validator's name.
    ["expired a minute ago", claims({ exp: seconds - 60 }), "EXPIRED", "accepted"],
    ["another audience", claims({ aud: ["another"] }), "AUD_MISMATCH", "accepted"],
    ["a subject that is no SPIFFE ID", claims({ sub: "invalid subject" }), "BAD_SUB", "BAD_SUB"],
    ["no key ID", token({ header: { kid: undefined } }), "UNKNOWN_KEY", "accepted"],
    ["another trust domain", claims({ sub: "spiffe://another.domain/host" }), "NO_BUNDLE", "accepted"],
    ["an unknown key ID", token({ header: { kid: "noKey" } }), "UNKNOWN_KEY", "accepted"],
    [
      "another key under that ID",
      makeToken(key2, { header: { alg: "RS256", kid: "authority1" } }),
      "BAD_SIGNATURE",
      "accepted",
    ],
    ["a wrong type", token({ header: { typ: "invalid" } }), "BAD_TYP", "BAD_TYP"],
  ];
  it.each(rows)("JWT-20 %s: %3$s when verified, %4$s when only read", (_, text, verified, read) => {
    expect(codeOf(() => verifyJwtSvid(text, bundles, { audience: ["db"], now }))).toBe(verified);
    expect(codeOf(() => parseJwtSvid(text))).toBe(read);
  });

  it("JWT-16 the token is given back as it was, with all claims", () => {
    const text = claims({});
    const svid = verifyJwtSvid(text, bundles, { audience: ["db"], now });
    expect([svid.token, parseJwtSvid(text).token]).toEqual([text, text]);
    expect(svid.claims).toMatchObject({ iss: "issuer", sub: "spiffe://td/w" });
  });
});

describe("bundles", () => {
  const jwk = (kid: string | undefined, use = "jwt-svid"): object => ({
    ...ecKeys().publicKey.export({ format: "jwk" }),
    use,
    kid,
  });
  const x5c = (...made: readonly Made[]): object => ({
    ...(made[0] ?? root).keys.publicKey.export({ format: "jwk" }),
    use: "x509-svid",
    x5c: made.map((each) => derOf(each).toString("base64")),
  });
  const second = makeCa({ subject: "second" });

  it.each<[string, object, readonly number[], readonly string[]]>([
    ["one of each", { keys: [x5c(root), jwk("a")] }, [1, 1], []],
    [
      "six keys with hint and sequence",
      {
        keys: [x5c(root), ...["a", "b", "c", "d", "e", "f"].map((kid) => jwk(kid))],
        spiffe_refresh_hint: 60,
        spiffe_sequence: 1,
      },
      [1, 6, 60, 1],
      [],
    ],
    [
      "keys for WIT-SVIDs beside",
      { keys: [jwk("a"), jwk("b"), jwk("c", "wit-svid"), jwk("d", "wit-svid")] },
      [0, 2],
      [],
    ],
    // The next three fail as a whole there; the standard has the entry left out (JWT-SVID §6.2), means no keys by none, and takes
    // the first of several certificates (X509-SVID §6.2).
    ["a key without ID", { keys: [jwk("a"), jwk(undefined)] }, [0, 1], ["MISSING_KEY_ID"]],
    ["no keys", { keys: [] }, [0, 0], []],
    ["two certificates in one entry", { keys: [x5c(root, second)] }, [1, 0], []],
  ])("BUNDLE-02 BUNDLE-08 X509-42 %s", (_, document, [x509, jwt, hint, sequence], codes) => {
    const ignored: IgnoredMember[] = [];
    const bundle = SpiffeBundle.parse(td, JSON.stringify(document), { onIgnored: (member) => ignored.push(member) });
    expect([bundle.x509Authorities.length, bundle.jwtAuthorities.length]).toEqual([x509, jwt]);
    expect([bundle.refreshHintSeconds, bundle.sequenceNumber]).toEqual([
      hint,
      sequence === undefined ? undefined : BigInt(sequence),
    ]);
    expect(ignored.map(({ code }) => code)).toEqual(codes);
    expect(SpiffeBundle.parse(td, bundle.toJson()).toJson()).toBe(bundle.toJson());
  });

  it.each(["", "not JSON", '{"keys":['])("BUNDLE-01 %j is no bundle", (text) => {
    expect(codeOf(() => SpiffeBundle.parse(td, text))).toBe("NOT_JSON");
  });

  it.each<[string, Uint8Array, number | string]>([
    ["many", derOf(root, second, middle), 3],
    ["one", derOf(root), 1],
    ["none: an empty bundle", Buffer.alloc(0), 0],
    ["bad DER", Buffer.from("bad"), "MALFORMED"],
  ])("BUNDLE-02 concatenated certificates: %s", (_, bytes, expected) => {
    const code = codeOf(() => X509Bundle.fromDer(td, bytes));
    expect(code === "accepted" ? X509Bundle.fromDer(td, bytes).authorities.length : code).toBe(expected);
  });

  it("TD-07 SVID-05 a set has one bundle for a name and never merges two", () => {
    const [own, namesake] = [root, second].map(({ certificate }) => new X509Bundle(td, [certificate]));
    const other = new X509Bundle(TrustDomain.parse("b"), [second.certificate]);
    if (own === undefined || namesake === undefined) throw new TypeError("two bundles were made");
    const set = BundleSet.of(namesake, other, own);
    expect([set.size, set.get(td)]).toEqual([2, own]);
    expect(set.get(TrustDomain.parse("domain2.test"))).toBeUndefined();
    const accepted = (made: Made): string => codeOf(() => verifyPeer([made.certificate], set, { now }));
    expect([accepted(makeLeaf(root)), accepted(makeLeaf(second))]).toEqual(["accepted", "UNTRUSTED"]);
    expect(set.without(td).get(td)).toBeUndefined();
    expect(set.get(td)).toBe(own);
  });
});
