// SPDX-License-Identifier: Apache-2.0
import { toStruct, workloadApiService } from "@mayfly/rpc";
import { TestCa } from "@mayfly/testkit";
import { WorkloadApiError } from "../src/errors.ts";
import { decodeAnswer } from "../src/workload-api/decode-answer.ts";
import { decodeJwtBundles, decodeX509Bundles, decodeX509Svids } from "../src/workload-api/decode-streams.ts";
import { readJwtBundles, readJwtSvids, readValidation } from "../src/workload-api/jwt-answers.ts";
import { readX509Context, readX509Trust } from "../src/workload-api/x509-context.ts";
import { mutate, Random } from "./mutate.ts";
import { TokenAuthority } from "./tokens.ts";

const { methods } = workloadApiService;

/** A kind of answer, good ones of it, and how a client reads it. */
export interface FuzzTarget {
  readonly name: string;
  readonly seeds: readonly Buffer[];
  /** @throws {WorkloadApiError} and nothing else */
  readonly read: (bytes: Buffer) => unknown;
}

/** One for each answer of the Workload API. */
export function fuzzTargets(): FuzzTarget[] {
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
      read: (bytes) => readX509Context(decodeX509Svids(bytes)),
    },
    {
      name: "X509BundlesResponse",
      seeds: [methods.FetchX509Bundles.encodeResponse({ bundles: federated, crl })],
      read: (bytes) => readX509Trust(decodeX509Bundles(bytes)),
    },
    {
      name: "JWTSVIDResponse",
      seeds: [methods.FetchJWTSVID.encodeResponse({ svids: [token, token] })],
      read: (bytes) => readJwtSvids(decodeAnswer(methods.FetchJWTSVID, bytes), ["a"]),
    },
    {
      name: "JWTBundlesResponse",
      seeds: [
        methods.FetchJWTBundles.encodeResponse({ bundles: { "spiffe://example.org": Buffer.from(authority.jwks) } }),
      ],
      read: (bytes) => readJwtBundles(decodeJwtBundles(bytes)),
    },
    {
      name: "ValidateJWTSVIDResponse",
      seeds: [methods.ValidateJWTSVID.encodeResponse({ spiffe_id: "spiffe://example.org/web", claims })],
      read: (bytes) => readValidation(decodeAnswer(methods.ValidateJWTSVID, bytes)),
    },
  ];
}

/** What a run did. */
export interface FuzzOutcome {
  runs: number;
  /** Still good after the change. */
  accepted: number;
  slowestMs: number;
  /** What went wrong, with the bytes, base64. */
  readonly findings: string[];
}

function tryOne({ name, read }: FuzzTarget, bytes: Buffer, outcome: FuzzOutcome): void {
  const began = performance.now();
  try {
    read(bytes);
    outcome.accepted++;
  } catch (error) {
    if (!(error instanceof WorkloadApiError)) {
      outcome.findings.push(`${name}: ${String(error)}: ${bytes.toString("base64")}`);
    }
  }
  const tookMs = performance.now() - began;
  outcome.runs++;
  outcome.slowestMs = Math.max(outcome.slowestMs, tookMs);
  if (tookMs >= 1000) outcome.findings.push(`${name}: ${Math.round(tookMs)} ms: ${bytes.toString("base64")}`);
}

/** Changes good answers and reads them for so long. */
export function fuzzMessages(seconds: number, seed: number): FuzzOutcome {
  const random = new Random(seed);
  const all = fuzzTargets();
  const outcome: FuzzOutcome = { runs: 0, accepted: 0, slowestMs: 0, findings: [] };
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    const target = random.pick(all);
    tryOne(target, mutate(random.pick(target.seeds), random), outcome);
  }
  return outcome;
}
