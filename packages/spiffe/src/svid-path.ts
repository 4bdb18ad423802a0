// SPDX-License-Identifier: Apache-2.0
import { type Certificate, verifyPath, X509Error } from "@mayfly/x509";
import { X509SvidError, type X509SvidErrorCode, type X509SvidFacts } from "./errors.ts";
import { serialNumberOf } from "./serial-number.ts";
import type { X509Bundle } from "./x509-bundle.ts";

const purposes = { client: "1.3.6.1.5.5.7.3.2", server: "1.3.6.1.5.5.7.3.1" } as const;
const maxTold = 32;

const pathCodes: ReadonlySet<string> = new Set<X509SvidErrorCode>([
  "UNTRUSTED",
  "EXPIRED",
  "NOT_YET_VALID",
  "SIGNER_NOT_CA",
  "SIGNER_NO_KEY_CERT_SIGN",
  "PATH_LEN",
  "NAME_CONSTRAINT",
  "UNKNOWN_CRITICAL",
  "WRONG_EKU",
  "WEAK_KEY",
  "UNSUPPORTED_KEY",
  "WEAK_SIGNATURE",
  "PATH_BUDGET",
]);

/** What a path is looked for with. */
export interface PathSearch {
  readonly bundle: X509Bundle;
  readonly now: Date;
  readonly role: "client" | "server" | undefined;
  /** For errors. */
  readonly claimedId: string;
}

/** The path (RFC 5280 §6) from the first of `chain` to an authority of the bundle, for the ends of TLS that are asked for. @throws {X509SvidError} */
export function findSvidPath(chain: readonly [Certificate, ...Certificate[]], search: PathSearch): Certificate[] {
  const [leaf, ...intermediates] = chain;
  const { bundle, now, role } = search;
  try {
    const ekus = role === undefined ? [purposes.client, purposes.server] : [purposes[role]];
    return firstPath(ekus, (eku) => verifyPath(leaf, intermediates, bundle.authorities, { now, eku, strict: false }));
  } catch (cause) {
    if (!(cause instanceof X509Error)) throw cause;
    const code = pathCodes.has(cause.code) ? (cause.code as X509SvidErrorCode) : "MALFORMED";
    const message = code === "UNTRUSTED" ? `${cause.message}: ${described(bundle)}` : cause.message;
    throw new X509SvidError(code, message, { cause, ...factsOf(code, chain, search) });
  }
}

/** Tries the next purpose only when nothing but the purpose was wrong. */
function firstPath(
  [eku, ...others]: readonly string[],
  find: (eku: string | undefined) => Certificate[],
): Certificate[] {
  try {
    return find(eku);
  } catch (error) {
    if (others.length === 0 || !(error instanceof X509Error) || error.code !== "WRONG_EKU") throw error;
    return firstPath(others, find);
  }
}

function described({ trustDomain, authorities }: X509Bundle): string {
  const count = authorities.length;
  const held = count === 0 ? "no authority" : count === 1 ? "one authority" : `${count} authorities`;
  return `the bundle of ${JSON.stringify(trustDomain.name)} has ${held}`;
}

function factsOf(
  code: X509SvidErrorCode,
  chain: readonly [Certificate, ...Certificate[]],
  { bundle, now, claimedId }: PathSearch,
): X509SvidFacts {
  const [{ serialNumber, notBefore, notAfter }] = chain;
  const facts = { claimedId, serialNumber: serialNumberOf(serialNumber) };
  if (code === "EXPIRED" || code === "NOT_YET_VALID") return { ...facts, validity: { notBefore, notAfter, now } };
  if (code !== "UNTRUSTED") return facts;
  const present = (id: string | undefined): string[] => (id === undefined ? [] : [id]);
  return {
    ...facts,
    issuerKeyIds: chain.flatMap(({ authorityKeyId }) => present(authorityKeyId)),
    trustedKeyIds: bundle.authorities.slice(0, maxTold).flatMap(({ subjectKeyId }) => present(subjectKeyId)),
  };
}
