// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import {
  BundleSet,
  JwtBundle,
  JwtSvidError,
  parseBundleMap,
  Revocations,
  SpiffeBundle,
  SpiffeError,
  SpiffeId,
  TrustDomain,
  verifyJwtSvid,
  verifyPeer,
  X509Bundle,
  X509Svid,
  X509SvidError,
  type SpiffeBundleFields,
} from "../src/index.ts";
import {
  der,
  ecKeys,
  extension,
  inMinutes,
  KU,
  makeCa,
  makeLeaf,
  now,
  type Made,
  type Spec,
} from "./certificate-maker.ts";
import { makeList } from "./list-maker.ts";
import { makeToken, rsaKeys, seconds, type TokenSpec } from "./token-maker.ts";

const td = TrustDomain.parse("td");
const keyIds = (id: string): Buffer => extension("2.5.29.14", der(0x04, Buffer.from(id, "hex")));
const authorityKeyId = (id: string): Buffer => extension("2.5.29.35", der(0x30, der(0x80, Buffer.from(id, "hex"))));
const root = makeCa({ more: [keyIds("aa01")] });
const bundleOf = (...made: readonly Made[]): X509Bundle =>
  new X509Bundle(
    td,
    made.map(({ certificate }) => certificate),
  );
const hexOf = ({ certificate }: Made): string => certificate.serialNumber.toString(16);

/** What the call is refused with. */
function refusal(call: () => unknown): SpiffeError {
  try {
    call();
  } catch (error) {
    if (error instanceof SpiffeError) return error;
    throw error;
  }
  throw new TypeError("nothing was refused");
}

function peerRefusal(chain: readonly Made[], at: Date = now, bundle = bundleOf(root)): X509SvidError {
  const certificates = chain.map(({ certificate }) => certificate);
  const error = refusal(() => verifyPeer(certificates, BundleSet.of(bundle), { now: at }));
  if (error instanceof X509SvidError) return error;
  throw error;
}

const keys = ecKeys();
const jwtBundle = new JwtBundle(td, [{ keyId: "k1", publicKey: keys.publicKey }]);
function tokenRefusal(spec: TokenSpec): JwtSvidError {
  const error = refusal(() => verifyJwtSvid(makeToken(keys, spec), BundleSet.of(jwtBundle), { audience: ["db"], now }));
  if (error instanceof JwtSvidError) return error;
  throw error;
}

it("an untrusted chain is told with the keys that it names and those that are trusted", () => {
  const leaf = makeLeaf(makeCa({ subject: "other" }), { more: [authorityKeyId("bb02")] });
  const error = peerRefusal([leaf]);
  expect(error).toMatchObject({
    code: "UNTRUSTED",
    claimedId: "spiffe://td/w",
    serialNumber: hexOf(leaf),
    issuerKeyIds: ["bb02"],
    trustedKeyIds: ["aa01"],
  });
  expect(error.message).toContain('the bundle of "td" has one authority');
  expect(peerRefusal([leaf], now, bundleOf()).message).toContain("has no authority");
  expect(peerRefusal([leaf], now, bundleOf(root, makeCa())).message).toContain("has 2 authorities");
});

it("a wrong time is told with the leaf's validity and the clock", () => {
  const leaf = makeLeaf(root, { notBefore: inMinutes(-5), notAfter: inMinutes(5) });
  const validity = { notBefore: inMinutes(-5), notAfter: inMinutes(5) };
  for (const [minutes, code] of [
    [-6, "NOT_YET_VALID"],
    [6, "EXPIRED"],
  ] as const) {
    const at = inMinutes(minutes);
    expect(peerRefusal([leaf], at)).toMatchObject({
      code,
      serialNumber: hexOf(leaf),
      validity: { ...validity, now: at },
    });
  }
  const old = makeCa({ subject: "old", issuer: root, notAfter: inMinutes(-1) });
  const below = makeLeaf(old);
  const error = peerRefusal([below, old]);
  expect(error).toMatchObject({ code: "EXPIRED", serialNumber: hexOf(below) });
  expect(error.validity?.notAfter).toEqual(inMinutes(60));
});

it("wrong URI names are told, each cut and few of many", () => {
  const uris = ["https://a/", `spiffe://td/${"a".repeat(200)}`, ...Array.from({ length: 20 }, (_, i) => `x:${i}`)];
  const error = peerRefusal([makeLeaf(root, { uris })]);
  expect([error.code, error.claimedId, error.uris?.length]).toEqual(["MULTIPLE_URI_SAN", undefined, 8]);
  expect(error.uris?.[1]).toHaveLength(81);
  expect(peerRefusal([makeLeaf(root, { uris: ["https://a/"] })]).uris).toEqual(["https://a/"]);
  expect(peerRefusal([makeLeaf(root, { uris: [] })]).uris).toEqual([]);
});

it("a leaf that breaks a rule is told by ID and serial number", () => {
  for (const spec of [{ isCa: true }, { keyUsage: undefined }, { uris: ["spiffe://td"] }] satisfies Spec[]) {
    const leaf = makeLeaf(root, spec);
    const [uri = "spiffe://td/w"] = "uris" in spec ? spec.uris : [];
    expect(peerRefusal([leaf])).toMatchObject({ claimedId: uri, serialNumber: hexOf(leaf) });
  }
});

it("a refused token is told with what it is for, what is known and when it holds", () => {
  expect(tokenRefusal({ claims: { aud: ["web", "x"] } })).toMatchObject({
    code: "AUD_MISMATCH",
    message: 'the token is for "web", "x", not for "db"',
    audience: ["web", "x"],
    wantedAudience: ["db"],
    claimedId: "spiffe://td/w",
    keyId: "k1",
  });
  expect(tokenRefusal({ header: { kid: "k2" } })).toMatchObject({
    code: "UNKNOWN_KEY",
    keyId: "k2",
    knownKeyIds: ["k1"],
  });
  expect(tokenRefusal({ header: { kid: undefined } }).message).toBe("the token names no key");
  const expiresAt = new Date((seconds - 1) * 1_000);
  expect(tokenRefusal({ claims: { exp: seconds - 1 } })).toMatchObject({
    code: "EXPIRED",
    validity: { notBefore: undefined, expiresAt, now },
  });
});

it("no sentence is longer than a line of a log, whatever it quotes", () => {
  const long = "a".repeat(3_000);
  const jwk = { ...keys.publicKey.export({ format: "jwk" }), use: "jwt-svid", kid: long };
  const fields: SpiffeBundleFields = { trustDomain: td, x509Authorities: [], jwtAuthorities: [] };
  const twice = [keys, ecKeys()].map(({ publicKey }) => ({ keyId: long, publicKey }));
  const told: string[] = [];
  SpiffeBundle.parse(td, JSON.stringify({ keys: [jwk, { ...jwk, x: jwk.y, y: jwk.x }, { use: long }] }), {
    onIgnored: ({ reason }) => told.push(reason),
  });
  SpiffeBundle.parse(td, JSON.stringify({ keys: [jwk, { ...jwk, ...ecKeys().publicKey.export({ format: "jwk" }) }] }), {
    onIgnored: ({ reason }) => told.push(reason),
  });
  Revocations.of([Buffer.from(long)], ({ reason }) => told.push(reason));
  expect(told).toHaveLength(4);
  const errors = [
    () => SpiffeId.parse(long),
    () => SpiffeId.parse(`spiffe://${long}`),
    () => SpiffeId.parse(`spiffe://td/${long.slice(0, 1_000)}%`),
    () => parseBundleMap(JSON.stringify({ trust_domains: { [`${long}%`]: {} } })),
    () => new SpiffeBundle({ ...fields, jwtAuthorities: twice }),
    () =>
      verifyPeer([makeLeaf(root, { uris: [`spiffe://td/${long}`] }).certificate], BundleSet.of<X509Bundle>(), { now }),
    () => verifyPeer([makeLeaf(root, { uris: [`${long}:`] }).certificate], BundleSet.of<X509Bundle>(), { now }),
    ...[
      { claims: { sub: long } },
      { claims: { aud: Array.from({ length: 12 }, () => long.slice(0, 900)) } },
      { header: { alg: long } },
      { header: { typ: long } },
      { header: { [long]: 1 } },
      { header: { kid: long } },
    ].map(
      (spec) => () =>
        verifyJwtSvid(makeToken(keys, { algorithm: "ES256", ...spec }), BundleSet.of(jwtBundle), {
          audience: ["db"],
          now,
        }),
    ),
  ].map((call) => refusal(call));
  for (const sentence of [...told, ...errors.map(({ message }) => message)]) {
    expect(sentence.length, sentence).toBeLessThan(900);
    expect(sentence).toMatch(/^[^A-Z\n][^\n]*$/);
  }
});

it("no error shows a private key or a signature", () => {
  const leaf = makeLeaf(root, { keys: rsaKeys() });
  const secret = leaf.keys.privateKey.export({ format: "der", type: "pkcs8" });
  const token = makeToken(ecKeys());
  const privateJwk = { ...keys.privateKey.export({ format: "jwk" }), use: "jwt-svid", kid: "x" };
  const told: unknown[] = [];
  SpiffeBundle.parse(td, JSON.stringify({ keys: [privateJwk] }), { onIgnored: (member) => told.push(member) });
  const errors = [
    () => X509Svid.parse(leaf.certificate.der, secret.subarray(1)),
    () => X509Svid.parse(makeLeaf(root).certificate.der, secret),
    () => X509Svid.parse(secret, secret),
    () => verifyJwtSvid(token, BundleSet.of(jwtBundle), { audience: ["db"], now }),
    () => verifyJwtSvid(`${token}.`, BundleSet.of(jwtBundle), { audience: ["db"], now }),
    () => SpiffeBundle.parse(td, secret.toString("base64")),
    () =>
      X509Bundle.fromPem(td, `-----BEGIN PRIVATE KEY-----\n${secret.toString("base64")}\n-----END PRIVATE KEY-----\n`),
  ].map((call) => refusal(call));
  const shown = JSON.stringify([told, errors.map((error) => [error.message, error, String(error.cause)])]);
  for (const hidden of [
    secret.toString("base64").slice(40, 80),
    secret.toString("hex").slice(80, 120),
    token.split(".")[2] ?? "",
    String(privateJwk.d),
  ])
    expect(shown).not.toContain(hidden);
});

it("a revoked certificate is told by its own serial number", () => {
  const leaf = makeLeaf(root);
  const revocations = Revocations.of([makeList({ issuer: root, revoked: [leaf] })]);
  const error = refusal(() => verifyPeer([leaf.certificate], BundleSet.of(bundleOf(root)), { now, revocations }));
  expect(error).toMatchObject({ code: "REVOKED", claimedId: "spiffe://td/w", serialNumber: hexOf(leaf) });
  expect(error.message).toContain(hexOf(leaf));
});

it("a leaf without a trust domain's bundle is told what would be needed", () => {
  const error = peerRefusal([makeLeaf(root, { uris: ["spiffe://b/w"], keyUsage: KU.digitalSignature })]);
  expect(error).toMatchObject({ code: "NO_BUNDLE", claimedId: "spiffe://b/w" });
  expect(error.message).toBe('there is no bundle for the trust domain "b"; it would have to be federated');
});
