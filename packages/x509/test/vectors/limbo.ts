// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { Certificate, parsePem, RevocationList, verifyPath } from "../../src/index.ts";
import { OID } from "../../src/oid.ts";
import { readable, verdictOf } from "./describe-vectors.ts";

/** A case of x509-limbo, as far as it is looked at here. */
export interface LimboCase {
  readonly id: string;
  readonly features: readonly string[];
  readonly trusted_certs: readonly string[];
  readonly untrusted_intermediates: readonly string[];
  readonly peer_certificate: string;
  readonly validation_time: string | null;
  readonly extended_key_usage: readonly string[];
  readonly expected_result: "SUCCESS" | "FAILURE";
  readonly max_chain_depth: number | null;
  readonly crls: readonly string[];
}

/** What became of a case. */
export interface LimboVerdict extends LimboCase {
  readonly code: string;
  readonly ms: number;
}

const purposes: Readonly<Record<string, string>> = { serverAuth: OID.serverAuth, clientAuth: OID.clientAuth };
// Cases without a time are valid for centuries.
const anyTime = "2026-11-24T12:00:00Z";

const ders = (pems: readonly string[]): Uint8Array[] => pems.flatMap((pem) => parsePem(pem, "CERTIFICATE"));

function verify(one: LimboCase, strict = true): Certificate[] {
  const [peer = new Uint8Array()] = ders([one.peer_certificate]);
  return verifyPath(
    Certificate.parse(peer),
    readable(ders(one.untrusted_intermediates)),
    readable(ders(one.trusted_certs)),
    {
      now: new Date(one.validation_time ?? anyTime),
      eku: purposes[one.extended_key_usage[0] ?? ""],
      maxIntermediates: one.max_chain_depth ?? undefined,
      strict,
    },
  );
}

/** By the rules of RFC 5280; names of peers are not looked at. Not `strict`: as verifyPeer asks. */
export function judge(one: LimboCase, strict = true): LimboVerdict {
  const from = performance.now();
  const code = verdictOf(() => verify(one, strict));
  return { ...one, code, ms: performance.now() - from };
}

/** As `judge`; then REVOKED when a list of the leaf's issuer names the leaf, or why a list of the leaf's issuer can't be used. */
export function judgeWithLists(one: LimboCase): LimboVerdict {
  let isRevoked = false;
  const code = verdictOf(() => {
    const [leaf, issuer] = verify(one);
    for (const der of one.crls.flatMap((pem) => parsePem(pem, "X509 CRL"))) {
      const list = RevocationList.parse(der);
      if (leaf === undefined || issuer === undefined || Buffer.compare(list.issuerDer, leaf.issuerDer) !== 0) continue;
      list.assertSignedBy(issuer);
      isRevoked ||= list.isRevoked(leaf);
    }
  });
  return { ...one, code: isRevoked ? "REVOKED" : code, ms: 0 };
}

/** The class of each case by its id: path, name, optional or skip. */
export function readClasses(): Readonly<Record<string, { readonly class: string }>> {
  return JSON.parse(readFileSync("../shared/vectors/limbo-applicability.json", "utf8")) as Readonly<
    Record<string, { readonly class: string }>
  >;
}

/** Whether the verdict is the expected one. */
export function agrees({ code, expected_result }: LimboVerdict): boolean {
  return (code === "ok") === (expected_result === "SUCCESS");
}
