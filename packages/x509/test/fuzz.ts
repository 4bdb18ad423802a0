// SPDX-License-Identifier: Apache-2.0
// Fuzzes one parser for some seconds: node --conditions=@mayfly/source packages/x509/test/fuzz.ts TARGET [SECONDS] [SEED]
// It prints one line of JSON: what it did, or, and then ends with 1, the input (base64) that broke a parser or took more than a second.
import {
  assertAcceptableKey,
  Certificate,
  CertificateRequest,
  parseCertificates,
  parsePem,
  RevocationList,
  verifyPath,
  X509Error,
} from "../src/index.ts";
import { root } from "./revocation-lists.ts";
import { mutate, seeds } from "./seeds.ts";

const now = new Date("2026-11-24T12:00:00Z");

function exercise(certificate: Certificate): void {
  void [
    certificate.subjectText,
    certificate.commonName,
    certificate.fingerprint,
    certificate.hasStrongSignatureAlgorithm,
  ];
  certificate.isSignedBy(certificate);
  attempt(() => certificate.publicKey);
  attempt(() => verifyPath(certificate, [certificate], [certificate], { now }));
}

/** What each parser of untrusted bytes is, with everything that may be asked of its result. */
export const targets: Readonly<Record<string, (bytes: Uint8Array) => void>> = {
  certificate: (bytes) => {
    exercise(Certificate.parse(bytes));
  },
  certificates: (bytes) => {
    for (const certificate of parseCertificates(bytes)) exercise(certificate);
  },
  request: (bytes) => {
    const request = CertificateRequest.parse(bytes);
    void [request.commonName, request.uris, request.dnsNames];
    request.verify();
    attempt(() => request.publicKey);
  },
  revocations: (bytes) => {
    const list = RevocationList.parse(bytes);
    void [list.thisUpdate, list.nextUpdate, list.number, list.authorityKeyId, list.revokedCount];
    list.isRevoked(root);
    attempt(() => {
      list.assertSignedBy(root);
    });
  },
  key: (bytes) => {
    assertAcceptableKey(bytes, { ed25519: true });
  },
  pem: (bytes) => {
    parsePem(Buffer.from(bytes).toString("latin1"), "CERTIFICATE");
  },
};

/** Runs a parser; true when it took the bytes. Anything thrown that is no X509Error goes through: that is what is looked for. */
export function attempt(action: () => unknown): boolean {
  try {
    action();
    return true;
  } catch (error) {
    if (error instanceof X509Error) return false;
    throw error;
  }
}

/** xorshift32: the same seed gives the same run, up to the keys in the corpus. */
function generator(seed: number): (below: number) => number {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const slowMs = 1_000;

async function fuzz(name: string, seconds: number, seed: number): Promise<object> {
  const parse = targets[name];
  const corpus = (await seeds())[name] ?? [];
  if (parse === undefined) throw new TypeError(`no target ${name}; there are: ${Object.keys(targets).join(", ")}`);
  const random = generator(seed);
  const until = performance.now() + seconds * 1000;
  let slowestMs = 0;
  let [runs, taken] = [0, 0];
  while (performance.now() < until) {
    const input = mutate(corpus[random(corpus.length)] ?? new Uint8Array(), random);
    const from = performance.now();
    try {
      if (attempt(() => parse(input))) taken += 1;
    } catch (error) {
      return { runs, error: String(error), input: Buffer.from(input).toString("base64") };
    }
    slowestMs = Math.max(slowestMs, performance.now() - from);
    runs += 1;
    if (slowestMs > slowMs)
      return { runs, error: `took ${slowestMs} ms`, input: Buffer.from(input).toString("base64") };
  }
  return { runs, taken, slowest_ms: Math.round(slowestMs) };
}

if (import.meta.main) {
  const [name = "", seconds = "10", seed = String(Date.now() % 0xffffffff)] = process.argv.slice(2);
  const result = await fuzz(name, Number(seconds), Number(seed));
  console.log(JSON.stringify({ target: name, seed: Number(seed), ...result }));
  if ("error" in result) process.exitCode = 1;
}
