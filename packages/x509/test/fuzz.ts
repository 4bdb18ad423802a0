// SPDX-License-Identifier: Apache-2.0
// Fuzzes every parser for some seconds: node --conditions=@mayfly/source packages/x509/test/fuzz.ts [seconds] [seed]
// It prints what it did as one line, or the input that broke a parser, and then ends with 1.
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
  attempt(() => verifyPath(certificate, [certificate], [certificate], { now, strict: true }));
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

async function fuzz(seconds: number, seed: number): Promise<void> {
  const random = generator(seed);
  const corpus = await seeds();
  const until = performance.now() + seconds * 1000;
  const names = Object.keys(targets);
  let slowestMs = 0;
  let [runs, taken] = [0, 0];
  while (performance.now() < until) {
    const name = names[random(names.length)] ?? "";
    const of = corpus[name] ?? [];
    const input = mutate(of[random(of.length)] ?? new Uint8Array(), random);
    const from = performance.now();
    try {
      if (attempt(() => targets[name]?.(input))) taken += 1;
    } catch (error) {
      console.error(
        JSON.stringify({ target: name, seed, input: Buffer.from(input).toString("base64"), error: String(error) }),
      );
      process.exitCode = 1;
      return;
    }
    slowestMs = Math.max(slowestMs, performance.now() - from);
    runs += 1;
  }
  console.log(JSON.stringify({ runs, taken, slowest_ms: Math.round(slowestMs), seed }));
}

if (import.meta.main) await fuzz(Number(process.argv[2] ?? 10), Number(process.argv[3] ?? Date.now() % 0xffffffff));
