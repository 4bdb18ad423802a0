// SPDX-License-Identifier: Apache-2.0
import { attempt, type FuzzTarget } from "@mayfly/testkit";
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
import { seeds } from "./seeds.ts";

const now = new Date("2026-11-24T12:00:00Z");

function exercise(certificate: Certificate): void {
  void [
    certificate.subjectText,
    certificate.commonName,
    certificate.fingerprint,
    certificate.hasStrongSignatureAlgorithm,
  ];
  certificate.isSignedBy(certificate);
  attempt(() => certificate.publicKey, X509Error);
  attempt(() => verifyPath(certificate, [certificate], [certificate], { now }), X509Error);
}

/** A parser, with everything that may be asked of its result. */
const parsers: Readonly<Record<string, FuzzTarget["run"]>> = {
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
    attempt(() => request.publicKey, X509Error);
  },
  revocations: (bytes) => {
    const list = RevocationList.parse(bytes);
    void [list.thisUpdate, list.nextUpdate, list.number, list.authorityKeyId, list.revokedCount];
    list.isRevoked(root);
    attempt(() => {
      list.assertSignedBy(root);
    }, X509Error);
  },
  key: (bytes) => {
    assertAcceptableKey(bytes, { ed25519: true });
  },
  pem: (bytes) => {
    parsePem(Buffer.from(bytes).toString("latin1"), "CERTIFICATE");
  },
};

const corpus = await seeds();
const pieces = [
  "\x30\x80",
  "\x82\xff\xff",
  "\x02\x01\x01",
  "\x17\x0d",
  "\xa0\x82",
  "-----BEGIN CERTIFICATE-----\n",
  "=",
];
const words = pieces.map((text) => Buffer.from(text, "latin1"));

/** Parsers of untrusted bytes, by name. */
export const targets: Readonly<Record<string, FuzzTarget>> = Object.fromEntries(
  Object.entries(parsers).map(([name, run]) => [name, { seeds: corpus[name] ?? [], words, error: X509Error, run }]),
);
