// SPDX-License-Identifier: Apache-2.0
import { sign } from "node:crypto";
import type { X509Svid } from "@mayfly/spiffe";
import { CallStatementError } from "../errors.ts";
import { type CallClaims, formatClaims, maxStatementSeconds, parseClaims } from "./claims.ts";
import { keyAlgorithm } from "./key-algorithm.ts";

/** For whom a statement is, and for how long. */
export interface SignCallOptions {
  /** SPIFFE IDs, 1 to 4. */
  readonly audience: readonly string[];
  readonly now?: Date | undefined;
  /** 1 to 60; default 60. */
  readonly ttlSeconds?: number | undefined;
}

/** The media type in the header: nothing else that the same key signs can be taken for a statement. */
export const statementType = "mayfly-call+jwt";

/**
 * States, signed with the gateway's own SVID, that this one call was allowed: a compact JWS (RFC 7515) of type `mayfly-call+jwt` with the
 * certificates in `x5c`. It says nothing secret, but whoever is its audience may act on it until it expires: it is not for logs.
 * @throws {CallStatementError} MALFORMED for claims outside their limits; UNSUPPORTED_KEY
 * @throws {RangeError} for another lifetime
 */
export function signCallStatement(claims: CallClaims, svid: X509Svid, options: SignCallOptions): string {
  const { audience, now = new Date(), ttlSeconds = maxStatementSeconds } = options;
  if (!(ttlSeconds >= 1 && ttlSeconds <= maxStatementSeconds))
    throw new RangeError("a statement lives 1 to 60 seconds");
  const algorithm = keyAlgorithm(svid.privateKey);
  if (algorithm === undefined) throw new CallStatementError("UNSUPPORTED_KEY", "the SVID's key signs no statements");
  const { task, call, tool, argumentsDigest, approval } = claims;
  const expiresAt = new Date(now.getTime() + ttlSeconds * 1000);
  const issuer = svid.id.toString();
  const text = formatClaims({
    issuer,
    audience,
    issuedAt: now,
    expiresAt,
    task,
    call,
    tool,
    argumentsDigest,
    approval,
  });
  parseClaims(text);
  const x5c = svid.chain.map(({ der }) => Buffer.from(der).toString("base64"));
  const header = JSON.stringify({ alg: algorithm.name, typ: statementType, x5c });
  const input = `${Buffer.from(header).toString("base64url")}.${Buffer.from(text).toString("base64url")}`;
  const signature = sign(algorithm.digest, Buffer.from(input), { key: svid.privateKey, ...algorithm.options });
  return `${input}.${signature.toString("base64url")}`;
}
