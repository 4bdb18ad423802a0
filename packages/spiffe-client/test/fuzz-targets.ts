// SPDX-License-Identifier: Apache-2.0
import { sign } from "node:crypto";
import { toStruct, workloadApiService } from "@mayfly/rpc";
import { SpiffeError } from "@mayfly/spiffe";
import { assertHolds, attempt, type FuzzTarget, TestCa } from "@mayfly/testkit";
import { WorkloadApiError } from "../src/errors.ts";
import { exact, signCallStatement, verifyCallStatement } from "../src/index.ts";
import { decodeAnswer } from "../src/workload-api/decode-answer.ts";
import { decodeJwtBundles, decodeX509Bundles, decodeX509Svids } from "../src/workload-api/decode-streams.ts";
import { readJwtBundles, readJwtSvids, readValidation } from "../src/workload-api/jwt-answers.ts";
import { readX509Context, readX509Trust } from "../src/workload-api/x509-context.ts";
import { sourceOf } from "./mtls/workload.ts";
import { TokenAuthority } from "./tokens.ts";

const { methods } = workloadApiService;

/** A kind of answer of the Workload API, good ones of it, and how a client reads it. */
export interface AnswerKind {
  readonly name: string;
  readonly seeds: readonly Buffer[];
  /** @throws {WorkloadApiError} and nothing else */
  readonly read: (bytes: Uint8Array) => unknown;
}

function answerKinds(): AnswerKind[] {
  const [own, other] = [TestCa.create(), TestCa.create({ trustDomain: "other.test" })];
  const { chain, privateKey } = own.intermediate().issue("/web");
  const svid = {
    spiffe_id: "spiffe://example.org/web",
    x509_svid: Buffer.concat(chain),
    x509_svid_key: privateKey.export({ format: "der", type: "pkcs8" }),
    bundle: Buffer.from(own.certificate),
    hint: "internal",
  };
  const federated = { "spiffe://other.test": Buffer.from(other.certificate) };
  const crl = [Buffer.from(own.revocationList([]))];
  const authority = new TokenAuthority();
  const token = { spiffe_id: "spiffe://example.org/web", svid: authority.issue("/web", ["a"]), hint: "" };
  const claims = toStruct({
    sub: "spiffe://example.org/web",
    aud: ["a"],
    exp: 1_700_000_000,
    deep: { list: [1, null] },
  });
  return [
    {
      name: "X509SVIDResponse",
      seeds: [{ svids: [svid, { ...svid, hint: "" }], crl, federated_bundles: federated }, { svids: [svid] }].map(
        (each) => methods.FetchX509SVID.encodeResponse(each),
      ),
      read: (bytes) => readX509Context(decodeX509Svids(Buffer.from(bytes))),
    },
    {
      name: "X509BundlesResponse",
      seeds: [methods.FetchX509Bundles.encodeResponse({ bundles: federated, crl })],
      read: (bytes) => readX509Trust(decodeX509Bundles(Buffer.from(bytes))),
    },
    {
      name: "JWTSVIDResponse",
      seeds: [methods.FetchJWTSVID.encodeResponse({ svids: [token, token] })],
      read: (bytes) => readJwtSvids(decodeAnswer(methods.FetchJWTSVID, Buffer.from(bytes)), ["a"]),
    },
    {
      name: "JWTBundlesResponse",
      seeds: [
        methods.FetchJWTBundles.encodeResponse({ bundles: { "spiffe://example.org": Buffer.from(authority.jwks) } }),
      ],
      read: (bytes) => readJwtBundles(decodeJwtBundles(Buffer.from(bytes))),
    },
    {
      name: "ValidateJWTSVIDResponse",
      seeds: [methods.ValidateJWTSVID.encodeResponse({ spiffe_id: "spiffe://example.org/web", claims })],
      read: (bytes) => readValidation(decodeAnswer(methods.ValidateJWTSVID, Buffer.from(bytes))),
    },
  ];
}

/** One for each answer of the Workload API. */
export const answers: readonly AnswerKind[] = answerKinds();

/** Every reader gets every message: a server may answer with anything. */
const messages: FuzzTarget = {
  seeds: answers.flatMap(({ seeds }) => seeds),
  words: [0, 1, 0x7f, 0x80, 0xff].map((octet) => Buffer.of(octet)),
  error: WorkloadApiError,
  run: (input) => {
    const taken = answers.filter(({ read }) => attempt(() => read(input), WorkloadApiError));
    if (taken.length === 0) throw new WorkloadApiError("BAD_RESPONSE", "no reader takes it");
  },
};

const ca = TestCa.create();
const gateway = ca.issue("/gateway");
const audience = "spiffe://example.org/tools";
const source = sourceOf(gateway, [ca]);
const now = new Date(Math.floor(Date.now() / 1000) * 1000);
const claims = { task: "t-1", call: "c-1", tool: "refund", argumentsDigest: "sha-256:00", approval: "a-1" };
const signed = signCallStatement(claims, source.svid, { audience: [audience], now });

const statement: FuzzTarget = {
  seeds: [Buffer.from(signed)],
  words: [".", "..", "=", "\n", "eyJhbGciOiJub25lIn0", "e30", "AA", "{"].map((word) => Buffer.from(word)),
  error: SpiffeError,
  run: (input) => {
    const token = Buffer.from(input).toString();
    const gateways = exact("spiffe://example.org/gateway");
    // The same characters as claims and as a header, signed by the gateway's key: what lies behind the signature is reached too.
    for (const part of [0, 1])
      attempt(() => verifyCallStatement(resign(part, input), { source, gateways, audience, now }), SpiffeError);
    verifyCallStatement(token, { source, gateways, audience, now });
    assertHolds(token === signed, "a statement that nobody made is believed");
  },
};

/** The good statement with one segment of the first two made of `bytes`. */
function resign(part: number, bytes: Uint8Array): string {
  const segments = signed.split(".").slice(0, 2);
  const input = segments.with(part, Buffer.from(bytes).toString("base64url")).join(".");
  const signature = sign("sha256", Buffer.from(input), { key: gateway.privateKey, dsaEncoding: "ieee-p1363" });
  return `${input}.${signature.toString("base64url")}`;
}

/** What clients and tool servers read, by name. */
export const targets: Readonly<Record<string, FuzzTarget>> = { messages, statement };
