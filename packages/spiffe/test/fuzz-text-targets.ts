// SPDX-License-Identifier: Apache-2.0
import { assertHolds, attempt, type FuzzTarget } from "@mayfly/testkit";
import {
  BundleError,
  BundleSet,
  formatBundleMap,
  JwtBundle,
  JwtSvidError,
  matchPath,
  parseBundleMap,
  parseJwtSvid,
  SpiffeBundle,
  SpiffeId,
  SpiffeIdError,
  TrustDomain,
  verifyJwtSvid,
  X509Bundle,
} from "../src/index.ts";
import { ecKeys, makeCa, now } from "./certificate-maker.ts";
import { goodClaims, goodHeader, makeToken, rsaKeys } from "./token-maker.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text);
const textOf = (input: Uint8Array): string => Buffer.from(input).toString("utf8");
const td = TrustDomain.parse("td");
const root = makeCa();
const keys = ecKeys();
const rsa = rsaKeys();
const jwtBundle = new JwtBundle(td, [
  { keyId: "k1", publicKey: keys.publicKey },
  { keyId: "rsa", publicKey: rsa.publicKey },
]);
const bundle = new SpiffeBundle({
  trustDomain: td,
  x509Authorities: [root.certificate],
  jwtAuthorities: jwtBundle.authorities,
  sequenceNumber: 18446744073709551615n,
  refreshHintSeconds: 300,
});
const jsonWords = [
  '"',
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  "null",
  "1e999",
  "-0",
  "\\u0000",
  "\\ud800",
  '"__proto__":',
  "[[[[",
];
const keyWords = [
  '"use":',
  '"x509-svid"',
  '"jwt-svid"',
  '"kid":"k1"',
  '"kty":"EC"',
  '"x5c":["',
  '"n":"',
  '"crv":"P-256"',
];

const id: FuzzTarget = {
  seeds: [
    "spiffe://example.org/ns/prod/sa/web",
    "spiffe://td",
    "spiffe://td/a/*/**",
    `spiffe://td/${"a/".repeat(900)}b`,
  ].map(bytes),
  words: ["spiffe://", "/", "//", "/.", "/..", "*", "**", "%2F", "@", ":", "?", "#", "\0", "\n", "\u212a", "ａ"].map(
    bytes,
  ),
  error: SpiffeIdError,
  run: (input) => {
    const text = textOf(input);
    for (const read of [
      () => SpiffeId.normalize(text),
      () => TrustDomain.parse(text),
      () => matchPath(text)(SpiffeId.parse("spiffe://td/a/b")),
    ])
      attempt(read, SpiffeIdError);
    const parsed = SpiffeId.parse(text);
    assertHolds(parsed.toString() === text, "an ID is written otherwise than it was read");
    assertHolds(SpiffeId.fromSegments(parsed.trustDomain, parsed.segments).equals(parsed), "segments give another ID");
  },
};

const goodToken = makeToken(keys);
const tokens = [goodToken, makeToken(rsa, { header: { alg: "PS256", kid: "rsa" } })];
const jwt: FuzzTarget = {
  seeds: tokens.map(bytes),
  words: [".", "..", "=", "\n", "eyJhbGciOiJub25lIn0", "e30", "AA", "{", '{"payload":"'].map(bytes),
  error: JwtSvidError,
  run: (input) => {
    const token = textOf(input);
    attempt(() => parseJwtSvid(token), JwtSvidError);
    // The same characters as claims and as a header, signed: what lies behind the signature is reached too.
    for (const spec of [{ claims: token }, { header: token }])
      attempt(
        () => verifyJwtSvid(makeToken(keys, spec), BundleSet.of(jwtBundle), { audience: ["db"], now }),
        JwtSvidError,
      );
    const svid = verifyJwtSvid(token, BundleSet.of(jwtBundle), { audience: ["db"], now });
    assertHolds(tokens.includes(token), `a token that nobody signed is accepted for ${svid.id.toString()}`);
  },
};

const claims: FuzzTarget = {
  seeds: [{ ...goodClaims, nbf: 1, more: { deep: [1, "x"] } }, goodHeader].map((value) => bytes(JSON.stringify(value))),
  words: [...jsonWords, '"sub":', '"aud":', '"exp":', '"nbf":', '"alg":"none"', '"crit":["b64"]', "8640000000001"].map(
    bytes,
  ),
  error: JwtSvidError,
  run: (input) => {
    const text = textOf(input);
    attempt(
      () => verifyJwtSvid(makeToken(keys, { header: text }), BundleSet.of(jwtBundle), { audience: ["db"], now }),
      JwtSvidError,
    );
    const svid = verifyJwtSvid(makeToken(keys, { claims: text }), BundleSet.of(jwtBundle), { audience: ["db"], now });
    assertHolds(svid.audience.includes("db") && svid.expiresAt > now, "claims that do not hold are accepted");
    assertHolds(svid.id.trustDomain.name === "td", "a token of another trust domain is accepted");
  },
};

const bundleJson: FuzzTarget = {
  seeds: [bytes(bundle.toJson()), bytes(jwtBundle.toJwks()), bytes('{"keys":[]}')],
  words: [...jsonWords, ...keyWords].map(bytes),
  error: BundleError,
  run: (input) => {
    attempt(() => JwtBundle.fromJwks(td, input).toJwks(), BundleError);
    attempt(() => SpiffeBundle.parse(td, textOf(input)), BundleError);
    const parsed = SpiffeBundle.parse(td, input);
    const again = SpiffeBundle.parse(td, parsed.toJson());
    assertHolds(again.toJson() === parsed.toJson(), "a bundle changes when it is written and read");
  },
};

const bundleMap: FuzzTarget = {
  seeds: [bytes(formatBundleMap([bundle])), bytes('{"trust_domains":{"a":{"keys":[]},"b.c":{"keys":[]}}}')],
  words: [...jsonWords, ...keyWords, '"trust_domains":{', '"a":{"keys":[]},', '"\\u0061":', '"spiffe://a":'].map(bytes),
  error: BundleError,
  run: (input) => {
    const parsed = parseBundleMap(textOf(input));
    const again = parseBundleMap(formatBundleMap(parsed));
    assertHolds(formatBundleMap(again) === formatBundleMap(parsed), "a map changes when it is written and read");
  },
};

const pem: FuzzTarget = {
  seeds: [bytes(bundle.x509().toPem())],
  words: [
    "-----BEGIN CERTIFICATE-----\n",
    "-----END CERTIFICATE-----\n",
    "=",
    "\r\n",
    "-----BEGIN PRIVATE KEY-----",
  ].map(bytes),
  error: BundleError,
  run: (input) => {
    attempt(() => X509Bundle.fromDer(td, input), BundleError);
    const parsed = X509Bundle.fromPem(td, textOf(input));
    assertHolds(X509Bundle.fromPem(td, parsed.toPem()).equals(parsed), "a bundle changes when it is written and read");
  },
};

/** Parsers of text, by name. */
export const textTargets: Readonly<Record<string, FuzzTarget>> = {
  id,
  jwt,
  claims,
  bundle: bundleJson,
  "bundle-map": bundleMap,
  pem,
};
