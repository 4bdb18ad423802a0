// SPDX-License-Identifier: Apache-2.0
import {
  assertAcceptableKey,
  Certificate,
  CertificateRequest,
  parseCertificates,
  parsePem,
  verifyPath,
  X509Error,
} from "../src/index.ts";

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
