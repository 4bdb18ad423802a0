// SPDX-License-Identifier: Apache-2.0
import { verify } from "node:crypto";
import type { SpiffeIdMatcher, VerifiedPeer } from "@mayfly/spiffe";
import { verifyChain } from "../connections/verify-chain.ts";
import { CallStatementError } from "../errors.ts";
import type { X509Source } from "../sources/x509-source.ts";
import { type CallStatement, maxStatementSeconds, parseClaims } from "./claims.ts";
import { keyAlgorithm } from "./key-algorithm.ts";
import { readStatement, type StatementParts } from "./read-statement.ts";

/** What a statement is held against. */
export interface VerifyCallOptions {
  /** Gives the bundles and revocations that the gateway's certificates are verified with. */
  readonly source: X509Source;
  /** Who may let calls through: the exact gateways. */
  readonly gateways: SpiffeIdMatcher;
  /** SPIFFE ID that the statement must be for: the own one, or that of the authenticated peer who shows it. */
  readonly audience: string;
  readonly now?: Date | undefined;
  /** How far clocks may be apart; default 5. */
  readonly leewaySeconds?: number | undefined;
}

/**
 * Verifies a statement of `signCallStatement`: form, certificates against the bundle of their own trust domain (as a TLS peer's), the
 * gateway's ID, signature, audience, times. It says that the call was allowed, not that it is still: whoever acts on it asks for the
 * task's state, and sees to it that a call is acted on once.
 * @throws {CallStatementError} TOO_LARGE, MALFORMED, BAD_TYPE, BAD_ALGORITHM, NOT_A_GATEWAY, BAD_SIGNATURE, WRONG_AUDIENCE, TOO_LONG_LIVED,
 * EXPIRED, NOT_YET_VALID; {X509SvidError} for its certificates; {SourceError} CLOSED
 */
export function verifyCallStatement(token: string, options: VerifyCallOptions): CallStatement {
  const parts = readStatement(token);
  const peer = verifyChain(parts.chain, options.source, "client");
  if (!options.gateways(peer.id)) {
    throw new CallStatementError("NOT_A_GATEWAY", `${peer.id.toString()} is no gateway`);
  }
  assertSigned(parts, peer);
  const statement = parseClaims(parts.payload);
  if (statement.issuer !== peer.id.toString()) {
    throw new CallStatementError("NOT_A_GATEWAY", "the statement names another issuer than its certificate");
  }
  assertMeant(statement, options);
  return statement;
}

function assertSigned({ algorithm, input, signature }: StatementParts, peer: VerifiedPeer): void {
  const key = peer.chain[0]?.publicKey;
  const own = key === undefined ? undefined : keyAlgorithm(key);
  if (key === undefined || own?.name !== algorithm) {
    throw new CallStatementError("BAD_ALGORITHM", "the algorithm is not that of the certificate's key");
  }
  if (!verify(own.digest, input, { key, ...own.options }, signature)) {
    throw new CallStatementError("BAD_SIGNATURE", "the signature was not made with the certificate's key");
  }
}

function assertMeant(
  statement: CallStatement,
  { audience, now = new Date(), leewaySeconds = 5 }: VerifyCallOptions,
): void {
  if (!statement.audience.includes(audience)) {
    throw new CallStatementError("WRONG_AUDIENCE", `the statement is not for ${JSON.stringify(audience)}`);
  }
  const [issued, expires, at] = [statement.issuedAt, statement.expiresAt, now].map((time) => time.getTime() / 1000) as [
    number,
    number,
    number,
  ];
  if (!(expires > issued && expires - issued <= maxStatementSeconds)) {
    throw new CallStatementError("TOO_LONG_LIVED", `a statement is of use for at most ${maxStatementSeconds} s`);
  }
  if (at >= expires + leewaySeconds) throw new CallStatementError("EXPIRED", "the statement has expired");
  if (at < issued - leewaySeconds)
    throw new CallStatementError("NOT_YET_VALID", "the statement was made in the future");
}
