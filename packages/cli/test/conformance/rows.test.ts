// SPDX-License-Identifier: Apache-2.0
import { beforeAll, describe, expect, it } from "vitest";
import { TestCa } from "@mayfly/testkit";
import { allRows } from "../../src/commands/workload/conformance/all-rows.ts";
import type { Observation, RpcName } from "../../src/commands/workload/conformance/observation.ts";
import {
  answer,
  certificateSays,
  type Change,
  jwtBundlesSay,
  jwtKeySays,
  status,
  streamSays,
  svidIs,
  svidSays,
  tokenSays,
  tokensSay,
  witSays,
  witTokenSays,
  x509Says,
} from "./alter.ts";
import { brokenIn, observeModel } from "./judge-endpoint.ts";
import type { ModelEndpoint } from "./model-endpoint.ts";

let good: Observation;
let model: ModelEndpoint;
beforeAll(async () => {
  ({ seen: good, model } = await observeModel());
});

type Part = Partial<Observation>;
const now = Math.floor(Date.now() / 1000);
/** DER, but no key. */
const noKey = Buffer.from("3003020100", "hex");

/** Replaces parts of what was seen. */
function parts(change: (seen: Observation) => Part): Change {
  return (seen) => ({ ...seen, ...change(seen) });
}

/** Something about the tokens that FetchJWTSVID was asked for. */
function tokenProbe(change: (probes: Observation["tokens"]) => Partial<Observation["tokens"]>): Change {
  return parts(({ tokens }) => ({ tokens: { ...tokens, ...change(tokens) } }));
}

/** Something about what ValidateJWTSVID said. */
function validation(change: (probes: Observation["validation"]) => Partial<Observation["validation"]>): Change {
  return parts((seen) => ({ validation: { ...seen.validation, ...change(seen.validation) } }));
}

/** A forged token with this id is taken for valid. */
function takes(id: string): Change {
  const valid = answer({ spiffe_id: "spiffe://example.org/a", claims: null });
  return validation(({ forged }) => ({
    forged: forged.map((probe) => (probe.id === id ? { ...probe, outcome: valid } : probe)),
  }));
}

/** A method answers although a header is wrong. */
function takesHeader(name: RpcName): Change {
  return parts(({ headers }) => ({
    headers: { ...headers, [name]: headers[name].map((probe) => ({ ...probe, outcome: answer({}) })) },
  }));
}

type WatchedPart = Partial<Observation["x509"]["watched"]>;

/** Something about the open stream of FetchX509SVID. */
function watch(change: WatchedPart): Change {
  return parts(({ x509 }) => ({ x509: { ...x509, watched: { ...x509.watched, ...change } } }));
}

/** Something about one stream. */
function stream(name: "x509" | "x509Bundles" | "jwtBundles", change: object): Change {
  return parts((seen) => ({ [name]: { ...seen[name], ...change } }));
}

/** Slow in each of three openings. */
function slow(name: "x509" | "x509Bundles" | "jwtBundles"): Change {
  return parts((seen) => {
    const { watched, second, atEnd } = seen[name];
    const late = { ms: 1500 };
    return {
      [name]: {
        ...seen[name],
        watched: { ...watched, first: { ...watched.first, ...late } },
        second: { ...second, ...late },
        atEnd: { ...atEnd, ...late },
      },
    };
  });
}

/** The caller has no identity, and this call says something else than that. */
function denied(change: (seen: Observation) => Part): Change {
  return (seen) => {
    const refused = watch({ first: status(7, "no identity issued") })(seen);
    return { ...refused, identities: [], ...change(refused) };
  };
}

const bundlesSay = (change: (bundles: Readonly<Record<string, Buffer>>) => Record<string, Buffer>): Change =>
  parts(({ x509Bundles }) => ({
    x509Bundles: streamSays(x509Bundles, (message) => ({ ...message, bundles: change(message.bundles) })),
  }));

/** Every method that must be there ends with this status. */
function allAre(code: number): Change {
  const refused = status(code);
  const watched = <T extends { readonly watched: object }>(seen: T): T => ({
    ...seen,
    watched: { ...seen.watched, first: refused },
  });
  return (seen) => ({
    ...seen,
    x509: watched(seen.x509),
    x509Bundles: watched(seen.x509Bundles),
    jwtBundles: watched(seen.jwtBundles),
    tokens: { ...seen.tokens, one: refused },
    validation: { ...seen.validation, good: refused },
  });
}

const others = TestCa.create();

/** Each defect with the row that tells of it, by id and title. */
const cases: readonly (readonly [row: string, change: () => Change])[] = [
  ["ENDPOINT-02 is local to its workloads", () => parts(() => ({ socket: undefined, host: "192.0.2.1" }))],
  ["ENDPOINT-07 asks for no credentials", () => tokenProbe(() => ({ one: status(16) }))],
  ["ENDPOINT-12 not ready is UNAVAILABLE, never a hang", () => allAre(4)],
  ["ENDPOINT-13 no identity is PERMISSION_DENIED", () => watch({ first: status(5) })],
  ["ENDPOINT-13 no identity is PERMISSION_DENIED", () => watch({ first: status(7, "go away") })],
  [
    "ENDPOINT-19 every user may connect to the socket",
    () => parts(() => ({ socket: { socketMode: 0o770, directoryMode: 0o755 } })),
  ],
  [
    "ENDPOINT-19 others can't replace the socket",
    () => parts(() => ({ socket: { socketMode: 0o777, directoryMode: 0o775 } })),
  ],
  [
    "ENDPOINT-19 others can't replace the socket",
    () => parts(() => ({ socket: { socketMode: 0o777, directoryMode: 0o750 } })),
  ],
  ...Object.keys({
    FetchX509SVID: 0,
    FetchX509Bundles: 0,
    FetchJWTSVID: 0,
    FetchJWTBundles: 0,
    ValidateJWTSVID: 0,
    FetchWITSVID: 0,
    FetchWITBundles: 0,
  }).map((name): readonly [string, () => Change] => [
    `ENDPOINT-05 ${name} refuses a wrong header`,
    () => takesHeader(name as RpcName),
  ]),
  [
    "WLAPI-40 WIT calls: header before UNIMPLEMENTED",
    () =>
      parts(({ headers }) => ({
        wit: status(12),
        witBundles: status(12),
        headers: { ...headers, FetchWITSVID: [{ header: "no header", outcome: status(12) }] },
      })),
  ],
  ["WLAPI-40 WIT calls: both served or both UNIMPLEMENTED", () => parts(() => ({ witBundles: status(12) }))],
  [
    "ENDPOINT-16 adds no method to SpiffeWorkloadAPI",
    () =>
      parts(({ reflection }) => ({
        reflection: { ...reflection, v1: answer({ services: ["SpiffeWorkloadAPI"], methods: ["FetchSecret"] }) },
      })),
  ],
  [
    "ENDPOINT-18 server reflection, v1",
    () => parts(({ reflection }) => ({ reflection: { ...reflection, v1: status(12) } })),
  ],
  [
    "ENDPOINT-18 server reflection, v1alpha",
    () =>
      parts(({ reflection }) => ({
        reflection: { ...reflection, v1alpha: answer({ services: [], methods: undefined }) },
      })),
  ],
  [
    "ENDPOINT-05 reflection asks for the header, too",
    () => parts(({ reflection }) => ({ reflection: { ...reflection, withoutHeader: reflection.v1 } })),
  ],
  [
    "WLAPI-01 the X.509 profile",
    () => stream("x509Bundles", { watched: { ...good.x509Bundles.watched, first: status(12) } }),
  ],
  ["WLAPI-01 the JWT profile", () => tokenProbe(() => ({ one: status(12) }))],
  ["ENDPOINT-17 serves the Workload API", () => allAre(12)],
  ["WLAPI-08 FetchJWTSVID refuses an empty audience list", () => tokenProbe(({ one }) => ({ noAudience: one }))],
  ["WLAPI-08 FetchJWTSVID refuses an empty audience", () => tokenProbe(() => ({ emptyAudience: status(14) }))],
  ["WLAPI-08 ValidateJWTSVID refuses an empty audience", () => validation(() => ({ noAudience: status(2) }))],
  ["WLAPI-08 ValidateJWTSVID refuses an empty token", () => validation(() => ({ noToken: status(13) }))],
  [
    "WLAPI-21 X.509: PERMISSION_DENIED without identity",
    () => denied(({ x509 }) => ({ x509: { ...x509, second: status(5) } })),
  ],
  ["WLAPI-32 JWT: PERMISSION_DENIED without identity", () => denied(() => ({}))],
  ["WLAPI-45 WIT: PERMISSION_DENIED without identity", () => denied(() => ({}))],
  ["WLAPI-04 FetchX509SVID: first message within a second", () => slow("x509")],
  ["WLAPI-04 FetchX509Bundles: first message within a second", () => slow("x509Bundles")],
  ["WLAPI-04 FetchJWTBundles: first message within a second", () => slow("jwtBundles")],
  ["WLAPI-04 FetchX509SVID: first message within a second", () => stream("x509", { second: status(13) })],
  ["WLAPI-04 a second stream gets its own message", () => stream("jwtBundles", { second: status(4) })],
  ["WLAPI-03 a push is the complete state", () => watch({ last: { svids: [], crl: [], federated_bundles: {} } })],
  ["WLAPI-05 FetchX509SVID: a change is pushed", () => stream("x509", { wasPushed: false })],
  ["WLAPI-05 FetchX509Bundles: a change is pushed", () => stream("x509Bundles", { wasPushed: false })],
  ["WLAPI-05 FetchJWTBundles: a change is pushed", () => stream("jwtBundles", { wasPushed: false })],
  ["WLAPI-05 FetchX509SVID: no message twice in a row", () => watch({ repeats: 1 })],
  ["WLAPI-05 FetchX509SVID: no message twice in a row", () => watch({ flooded: true })],
  [
    "WLAPI-05 FetchX509Bundles: no message twice in a row",
    () => stream("x509Bundles", { watched: { ...good.x509Bundles.watched, repeats: 2 } }),
  ],
  [
    "WLAPI-05 FetchJWTBundles: no message twice in a row",
    () => stream("jwtBundles", { watched: { ...good.jwtBundles.watched, flooded: true } }),
  ],
  ["WLAPI-14 a healthy stream never ends with OK", () => watch({ end: { kind: "status", code: 0, text: "", ms: 5 } })],
  ["WLAPI-20 at least one X.509-SVID", () => x509Says((message) => ({ ...message, svids: [] }))],
  ["WLAPI-20 at least one X.509-SVID", () => parts(({ x509 }) => ({ x509: { ...x509, ...refusedStream(13) } }))],
  ["WLAPI-20 every field but the hint is set", () => svidSays(() => ({ spiffe_id: "" }))],
  ["WLAPI-20 every field but the hint is set", () => svidSays(() => ({ bundle: Buffer.alloc(0) }))],
  ["WLAPI-20 x509_svid: DER, leaf first, then CAs", () => svidSays(() => ({ x509_svid: Buffer.from("-----BEGIN") }))],
  ["WLAPI-20 x509_svid: DER, leaf first, then CAs", () => svidSays(({ bundle }) => ({ x509_svid: bundle }))],
  [
    "WLAPI-20 x509_svid: DER, leaf first, then CAs",
    () => svidSays(({ x509_svid }) => ({ x509_svid: Buffer.concat([x509_svid, Buffer.from([0])]) })),
  ],
  ["WLAPI-20 x509_svid_key: PKCS#8 DER of the leaf", () => svidSays(() => ({ x509_svid_key: noKey }))],
  ["WLAPI-20 x509_svid_key: PKCS#8 DER of the leaf", () => svidIs(others.leafWithOtherKey())],
  ["WLAPI-20 bundle: DER of CA certificates", () => svidSays(() => ({ bundle: Buffer.from("{}") }))],
  ["WLAPI-20 bundle: DER of CA certificates", () => svidSays(({ x509_svid }) => ({ bundle: x509_svid }))],
  ["WLAPI-26 spiffe_id is the leaf's URI", () => svidSays(() => ({ spiffe_id: "spiffe://example.org/other" }))],
  [
    "WLAPI-23 federated bundles: foreign trust domains only",
    () => x509Says((message) => ({ ...message, federated_bundles: { "other.test": Buffer.alloc(0) } })),
  ],
  [
    "WLAPI-23 federated bundles: foreign trust domains only",
    () => x509Says((message) => ({ ...message, federated_bundles: { "spiffe://example.org": Buffer.alloc(0) } })),
  ],
  [
    "WLAPI-23 federated bundles: concatenated DER",
    () => x509Says((message) => ({ ...message, federated_bundles: { "spiffe://a.test": Buffer.from("PEM") } })),
  ],
  [
    "WLAPI-25 revocation lists are DER",
    () => x509Says((message) => ({ ...message, crl: [Buffer.from("-----BEGIN")] })),
  ],
  [
    "WLAPI-24 X.509 bundles: own trust domain among them",
    () => bundlesSay(() => ({ "spiffe://a.test": Buffer.alloc(0) })),
  ],
  [
    "WLAPI-24 X.509 bundles: own trust domain among them",
    () => bundlesSay((bundles) => ({ ...bundles, "example.org": Buffer.alloc(0) })),
  ],
  [
    "WLAPI-24 X.509 bundles: DER of CA certificates",
    () => bundlesSay((bundles) => ({ ...bundles, "spiffe://example.org": Buffer.from("{}") })),
  ],
  ["X509-01 leaf: exactly one URI name", () => svidIs(others.leafWithTwoUris())],
  ["X509-01 leaf: exactly one URI name", () => svidIs(others.leafWithoutUri())],
  ["X509-03 leaf: SPIFFE ID with a path", () => svidIs(others.leafWithoutPath())],
  ["X509-03 leaf: SPIFFE ID with a path", () => svidIs(others.leafWithBadSpiffeId())],
  [
    "X509-04 leaf: empty subject, critical names",
    () => certificateSays(0, { subjectDer: Uint8Array.of(0x30, 0), extensions: [] }),
  ],
  ["X509-05 leaf: no CA", () => svidIs(others.leafThatIsCa())],
  ["X509-05 leaf: basic constraints are there", () => certificateSays(0, { basicConstraintsPresent: false })],
  ["X509-06 leaf: key usage, critical", () => svidIs(others.leafWithUncriticalKeyUsage())],
  ["X509-06 leaf: key usage, critical", () => svidIs(others.leafWithoutKeyUsage())],
  ["X509-07 leaf: digitalSignature, no signing of others", () => svidIs(others.leafWithKeyCertSign())],
  ["X509-07 leaf: digitalSignature, no signing of others", () => svidIs(others.leafWithCrlSign())],
  ["X509-07 leaf: digitalSignature, no signing of others", () => svidIs(others.leafWithoutDigitalSignature())],
  [
    "X509-07 leaf: no odd key usage",
    () =>
      certificateSays(0, {
        keyUsage: { critical: true, bits: 3, digitalSignature: true, keyCertSign: false, crlSign: false },
      }),
  ],
  ["X509-08 leaf: purposes of both TLS ends", () => svidIs(others.leafForCodeSigning())],
  ["X509-09 leaf: random serial, key identifiers", () => certificateSays(0, { serialNumber: 7n })],
  ["X509-09 leaf: random serial, key identifiers", () => certificateSays(0, { authorityKeyId: undefined })],
  ["X509-09 leaf: ends with its issuer at last", () => certificateSays(1, { notAfter: new Date(0) })],
  ["X509-10 leaf: a key that all libraries know", () => svidIs(others.leafWithRsa1024Key())],
  ["X509-11 authorities: cA, keyCertSign, critical key usage", () => certificateSays(1, { isCa: false })],
  [
    "X509-11 authorities: no key usage of leaves",
    () =>
      certificateSays(1, {
        keyUsage: { critical: true, bits: 33, digitalSignature: true, keyCertSign: true, crlSign: false },
      }),
  ],
  ["X509-12 authorities: ID of the trust domain", () => certificateSays(1, { uris: [] })],
  ["X509-12 authorities: ID of the trust domain", () => certificateSays(1, { uris: ["spiffe://other.test"] })],
  ["X509-12 authorities: an ID has no path", () => certificateSays(1, { uris: ["spiffe://example.org/ca"] })],
  ["X509-15 intermediates: no extended key usage", () => certificateSays(1, { extKeyUsage: ["1.3.6.1.5.5.7.3.1"] })],
  ["X509-27 the leaf verifies by its bundle", () => svidSays(() => ({ bundle: Buffer.from(others.certificate) }))],
  ["X509-27 the leaf verifies by its bundle", () => svidIs(model.identity.ca.expiredLeaf())],
  ["WLAPI-30 a JWT-SVID with ID and token", () => tokensSay(() => ({ svids: [] }))],
  [
    "WLAPI-30 a JWT-SVID with ID and token",
    () => tokensSay(({ svids }) => ({ svids: svids.map((svid) => ({ ...svid, spiffe_id: "" })) })),
  ],
  ["WLAPI-30 all audiences asked for are aud", () => tokenProbe(({ one }) => ({ two: one }))],
  ["WLAPI-30 no ID: tokens of all identities", () => tokensSay(({ svids }) => ({ svids: svids.slice(1) }))],
  ["WLAPI-30 an ID: its tokens only", () => tokenProbe(({ one }) => ({ named: one }))],
  ["WLAPI-30 another's ID is PERMISSION_DENIED", () => tokenProbe(({ one }) => ({ foreignId: one }))],
  ["WLAPI-30 a malformed ID is INVALID_ARGUMENT", () => tokenProbe(() => ({ malformedId: status(7) }))],
  [
    "JWT-01 token: compact form",
    () => tokensSay(({ svids }) => ({ svids: svids.map((svid) => ({ ...svid, svid: "{}" })) })),
  ],
  ["JWT-02 token: one of the nine algorithms", () => tokenSays({ alg: "EdDSA" })],
  ["JWT-04 token: names its key", () => tokenSays({ kid: undefined })],
  ["JWT-05 token: type JWT or JOSE, if any", () => tokenSays({ typ: "at+jwt" })],
  ["JWT-06 token: no other header", () => tokenSays({ jku: "https://a.test" })],
  ["JWT-10 token: sub is spiffe_id", () => tokenSays({}, { sub: "spiffe://example.org/c" })],
  ["JWT-11 token: aud is what was asked for", () => tokenSays({}, { aud: ["conformance", "more"] })],
  ["JWT-14 token: has an end, still to come", () => tokenSays({}, { exp: undefined })],
  ["JWT-14 token: has an end, still to come", () => tokenSays({}, { exp: now - 60 })],
  ["JWT-16 token: whole iat, not to come", () => tokenSays({}, { iat: now + 0.5 })],
  ["JWT-16 token: whole iat, not to come", () => tokenSays({}, { iat: now + 600 })],
  ["JWT-18 token: lives an hour at most", () => tokenSays({}, { exp: now + 7200 })],
  ["JWT-21 token: verifies by the published keys", () => tokenSays({}, { more: true })],
  [
    "WLAPI-31 JWT bundles: own trust domain among them",
    () => jwtBundlesSay(() => ({ "spiffe://a.test": Buffer.from('{"keys":[]}') })),
  ],
  ["WLAPI-31 JWT bundles: JWK sets", () => jwtBundlesSay(() => ({ "spiffe://example.org": Buffer.from("[]") }))],
  ["WLAPI-31 JWT bundles: JWT keys only", () => jwtKeySays({ use: "x509-svid" })],
  ["WLAPI-31 JWT bundles: JWT keys only", () => jwtKeySays({ x5c: ["MA=="] })],
  ["WLAPI-31 JWT bundles: every key has an ID", () => jwtKeySays({ kid: undefined })],
  ["WLAPI-31 JWT bundles: no use, no SPIFFE members", () => jwtKeySays({ use: "jwt-svid" })],
  ["WLAPI-31 JWT bundles: no use, no SPIFFE members", () => jwtKeySays({}, { spiffe_sequence: 1 })],
  ["JWT-31 JWT bundles: key IDs are distinct", () => jwtBundlesSay(() => ({ "spiffe://example.org": twice("k1") }))],
  ["JWT-34 JWT bundles: no private keys", () => jwtKeySays({ d: "AA" })],
  ["WLAPI-33 ValidateJWTSVID takes a good token", () => validation(() => ({ good: status(3) }))],
  [
    "WLAPI-33 ValidateJWTSVID: ID, sub, aud, exp",
    () => validation(() => ({ good: answer({ spiffe_id: "spiffe://example.org/a", claims: null }) })),
  ],
  [
    "WLAPI-33 ValidateJWTSVID: aud is a list",
    () => validation(() => ({ good: answer({ spiffe_id: "", claims: { fields: { aud: { stringValue: "a" } } } }) })),
  ],
  [
    "WLAPI-33 a bad token is INVALID_ARGUMENT",
    () => validation(({ forged }) => ({ forged: forged.map((probe) => ({ ...probe, outcome: status(2) })) })),
  ],
  ["JWT-01 ValidateJWTSVID: compact form only", () => takes("JWT-01")],
  ["JWT-02 ValidateJWTSVID: the nine algorithms only", () => takes("JWT-02")],
  ["JWT-03 ValidateJWTSVID: no DER signature", () => takes("JWT-03")],
  ["JWT-07 ValidateJWTSVID: no key out of tokens", () => takes("JWT-07")],
  ["JWT-12 ValidateJWTSVID: its own audience only", () => takes("JWT-12")],
  ["JWT-21 ValidateJWTSVID: no other signature", () => takes("JWT-21")],
  ["JWT-22 ValidateJWTSVID: own trust domain's keys", () => takes("JWT-22")],
  ["WLAPI-42 WIT-SVIDs: every field but the hint", () => witSays(() => ({ wit_svid_key: "" }))],
  ["WLAPI-42 WIT-SVIDs: every field but the hint", () => witSays(() => ({ wit_svid: "{}" }))],
  ["WLAPI-43 WIT-SVIDs: private key of cnf", () => witSays(() => ({ wit_svid_key: '{"kty":"EC","d":"AA"}' }))],
  [
    "WLAPI-44 WIT bundles: own JWK set, distinct IDs",
    () => parts(() => ({ witBundles: answer({ bundles: { "spiffe://example.org": "[]" } }) })),
  ],
  [
    "WLAPI-44 WIT bundles: own JWK set, distinct IDs",
    () => parts(() => ({ witBundles: answer({ bundles: { "spiffe://example.org": twice("w1").toString() } }) })),
  ],
  ["WIT-02 WIT: names its key", () => witTokenSays({ kid: undefined })],
  ["WIT-03 WIT: type wit+jwt", () => witTokenSays({ typ: "JWT" })],
  ["WIT-04 WIT: one of the nine algorithms", () => witTokenSays({ alg: "EdDSA" })],
  ["WIT-06 WIT: sub is spiffe_id", () => witTokenSays({}, { sub: "spiffe://example.org/c" })],
  ["WIT-07 WIT: public key in cnf", () => witTokenSays({}, { cnf: { kid: "k" } })],
  ["WIT-07 WIT: public key in cnf", () => witTokenSays({}, { cnf: { jwk: { kty: "oct", k: "AA" } } })],
  ["WIT-09 WIT: has an end", () => witTokenSays({}, { exp: undefined })],
  ["WIT-14 WIT: no audience", () => witTokenSays({}, { aud: [] })],
  ["WLAPI-50 hints of an answer are distinct", () => svidSays(() => ({ hint: "same" }))],
  [
    "WLAPI-52 hints: 1024 bytes at most",
    () => tokensSay(({ svids }) => ({ svids: svids.map((svid) => ({ ...svid, hint: "é".repeat(513) })) })),
  ],
  ["WLAPI-53 identities keep their order", () => watch({ reordered: true })],
  [
    "WLAPI-53 identities keep their order",
    () => parts(({ x509 }) => ({ x509: { ...x509, second: reversed(x509.second) } })),
  ],
];

function refusedStream(code: number): Pick<Observation["x509"], "watched" | "second" | "atEnd"> {
  return { watched: { ...good.x509.watched, first: status(code) }, second: status(code), atEnd: status(code) };
}

function reversed(outcome: Observation["x509"]["second"]): Observation["x509"]["second"] {
  return outcome.kind === "answer"
    ? answer({ ...outcome.message, svids: outcome.message.svids.toReversed() })
    : outcome;
}

function twice(kid: string): Buffer {
  const key = { kty: "EC", kid };
  return Buffer.from(JSON.stringify({ keys: [key, key] }));
}

/** Rows that no observation of one client can break: they say what would be needed, or are judged at first contact. */
const unbreakable = [
  "ENDPOINT-01 speaks gRPC",
  "ENDPOINT-03 no TCP where callers are not authenticated",
  "ENDPOINT-06 works without TLS",
  "WLAPI-12 entitlement is looked at again before pushes",
  "WLAPI-15 UNAVAILABLE while entries are still coming",
];

describe("each defect is told by its row", () => {
  it.each(cases)("%s", (row, change) => {
    expect(brokenIn(good)).toEqual([]);
    expect(brokenIn(change()(good))).toContain(row);
  });
});

it("ENDPOINT-05: a header that HTTP/2 forbids may be refused below gRPC, and no other", () => {
  const reset = status(13, "Received RST_STREAM with code 1");
  const resetting = (header: string): Observation => {
    const probes = good.headers.FetchX509SVID.map((probe) =>
      probe.header === header ? { ...probe, outcome: reset } : probe,
    );
    return { ...good, headers: { ...good.headers, FetchX509SVID: probes } };
  };
  expect(brokenIn(resetting("true with a space behind"))).toEqual([]);
  expect(brokenIn(resetting("True"))).toEqual(["ENDPOINT-05 FetchX509SVID refuses a wrong header"]);
});

it("every row can break", () => {
  const broken = new Set(cases.map(([row]) => row));
  const rows = allRows.map(({ id, title }) => `${id} ${title}`);
  expect(rows.filter((row) => !broken.has(row))).toEqual(unbreakable);
  expect(new Set(rows).size).toBe(rows.length);
});
